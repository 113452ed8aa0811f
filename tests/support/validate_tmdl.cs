// Reads a folder of TMDL with Microsoft's Tabular Object Model and validates it; what is wrong goes to the output, exit code 1.
//
// With Debian's mono-runtime and mono-mcs, and the Microsoft.AnalysisServices libraries beside it:
//   mcs -out:validate_tmdl.exe -r:Microsoft.AnalysisServices.Tabular.dll -r:Microsoft.AnalysisServices.Core.dll \
//       -r:Microsoft.AnalysisServices.dll validate_tmdl.cs
//   COSTOPS_TEST_TOM=validate_tmdl.exe pytest tests/architecture/test_bi_files.py
using System;
using Microsoft.AnalysisServices.Tabular;

public static class ValidateTmdl
{
    public static int Main(string[] folders)
    {
        Database database;
        try { database = TmdlSerializer.DeserializeDatabaseFromFolder(folders[0]); }
        catch (Exception error) { Console.WriteLine(error.GetType().Name + ": " + error.Message); return 1; }
        var found = database.Model.Validate();
        foreach (var each in found.Errors) Console.WriteLine(each.Message);
        int measures = 0, columns = 0;
        foreach (var table in database.Model.Tables) { measures += table.Measures.Count; columns += table.Columns.Count; }
        Console.WriteLine(database.Model.Tables.Count + " tables, " + columns + " columns, " + measures + " measures, "
            + database.Model.Relationships.Count + " relationships");
        return found.ContainsErrors ? 1 : 0;
    }
}
