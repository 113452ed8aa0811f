"""The pages of dashboards as an asset after the published copy.

Put here: the asset. Keep out: pages (`orchestration.dashboards`).
"""

import dagster as dg

from orchestration.resources import Home

KEY = dg.AssetKey(["published", "dashboards"])


@dg.asset(
    key=KEY,
    deps=[dg.AssetKey(["published", "marts"])],
    group_name="publishing",
    owners=["team:data-platform"],
    kinds={"html"},
    description="A page for each dashboard, shipped or of the home, that holds its data and loads nothing; "
    "`costops dashboard` opens them.",
)
def published_dashboards(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Write the pages whose definition or marts changed; a definition that is wrong is named and skipped."""
    from orchestration.dashboards.site import write_site

    site = write_site(home.settings())
    for fault in site.faults:
        context.log.warning(f"not shown: {fault}")
    for words in site.empty_widgets:
        context.log.warning(words)
    links = "\n".join(f"* [{name}]({site.page(name).as_uri()})" for name in site.names)
    return dg.MaterializeResult(
        metadata={
            "index": dg.MetadataValue.path(str(site.index)),
            "pages": dg.MetadataValue.md(links or "none"),
            "written": len(site.written),
            "unchanged": len(site.kept),
            "wrong": dg.MetadataValue.md("\n".join(f"* {fault}" for fault in site.faults) or "none"),
        }
    )
