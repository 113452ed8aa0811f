"""OpenTelemetry's own exporters, of Python and of JavaScript, deliver: each call once, whole, without what was said."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.live_server import listening
from tests.support.received import everything, landed
from tests.support.served_home import served_home

SECRET = "the launch is on friday and nobody may know it"
MODULES = Path(os.environ.get("COSTOPS_TEST_NODE_MODULES", ".venv/tools/node_modules")).absolute()
PROGRAM = """
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const [url, authorization, secret] = process.argv.slice(2);
const exporter = new OTLPTraceExporter({ url, headers: { authorization }, compression: 'gzip' });
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'shop' }),
  spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 25 })],
});
const tracer = provider.getTracer('test');
for (let number = 0; number < 60; number++) {
  const span = tracer.startSpan('chat gpt-5');
  span.setAttributes({
    'gen_ai.system': 'openai', 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5',
    'gen_ai.usage.input_tokens': 100 + number, 'gen_ai.usage.output_tokens': number, 'user.id': 'u1',
    'gen_ai.prompt.0.content': secret, 'my.note': secret,
  });
  span.addEvent('gen_ai.content.prompt', { 'gen_ai.prompt': secret });
  span.end();
}
provider.shutdown().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
"""


def check(home: Path) -> None:
    rows = landed(home / "drop" / "events" / "otel" / "received")
    assert len(rows) == 60
    assert sum(row["uncached_input_tokens"] for row in rows) == sum(range(100, 160)) == 7770
    assert sum(row["output_tokens"] for row in rows) == sum(range(60)) == 1770
    assert {(row["provider_name"], row["requested_model"], row["user_id"]) for row in rows} == {
        ("openai", "gpt-5", "u1")
    }
    assert SECRET.encode() not in everything(home)
    assert b"friday" not in everything(home)


def test_the_exporter_of_python_delivers_and_totals_are_equal(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    home = served_home(tmp_path)
    with listening(create_app(home.settings, Options(segment_seconds=0.05, requests_per_minute=1e6))) as address:
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        exporter = OTLPSpanExporter(
            f"{address}/v1/traces", headers=home.headers("fin"), compression=Compression.Gzip, timeout=10
        )
        provider.add_span_processor(BatchSpanProcessor(exporter, max_export_batch_size=25))
        tracer = provider.get_tracer("test")
        for number in range(60):
            with tracer.start_as_current_span("chat gpt-5") as span:
                span.set_attribute("gen_ai.system", "openai")
                span.set_attribute("gen_ai.operation.name", "chat")
                span.set_attribute("gen_ai.request.model", "gpt-5")
                span.set_attribute("gen_ai.usage.input_tokens", 100 + number)
                span.set_attribute("gen_ai.usage.output_tokens", number)
                span.set_attribute("user.id", "u1")
                span.set_attribute("gen_ai.prompt.0.content", SECRET)
                span.set_attribute("my.note", SECRET)
                span.add_event("gen_ai.content.prompt", {"gen_ai.prompt": SECRET})
        provider.shutdown()
    check(tmp_path)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(not MODULES.is_dir(), reason="no packages of OpenTelemetry for JavaScript (.ci/run installs them)")
def test_the_exporter_of_javascript_delivers_and_totals_are_equal(tmp_path: Path) -> None:
    home = served_home(tmp_path)
    program = tmp_path / "export.js"
    program.write_text(PROGRAM)
    with listening(create_app(home.settings, Options(segment_seconds=0.05, requests_per_minute=1e6))) as address:
        ran = subprocess.run(
            ["node", str(program), f"{address}/v1/traces", home.headers("fin")["Authorization"], SECRET],
            env=os.environ | {"NODE_PATH": str(MODULES)}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
    check(tmp_path)
