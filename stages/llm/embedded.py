"""The embedded model behind an OpenAI-compatible endpoint on loopback, for machines with nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages import settings
from stages.tuning import models

CONTEXT = 1536  # tokens a slot; the prompts here stay well below


@contextmanager
def serve(adapter: Path | None = None) -> Iterator[str]:
    """Start llama.cpp on the embedded model, yield the endpoint's base URL, and stop it again.

    Args:
        adapter: a LoRA adapter as GGUF that is loaded with it (see `stages.tuning.gguf_adapter`).

    `embedded.slots` of engine.yaml sets how many requests are decoded in one batch. More slots are faster; with one,
    replies are a function of the request alone (in a batch, rounding differs with the company a request keeps).
    """
    import xllamacpp

    options = settings.load().get("embedded", {})
    params = xllamacpp.CommonParams()
    params.model.path = str(models.gguf_file())
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any free one
    if adapter is not None:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    params.n_parallel = int(options.get("slots", 8))
    params.n_ctx = CONTEXT * params.n_parallel
    params.kv_unified = True  # the samples of one prompt share its cache: twice as fast
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads()
    params.warmup = False
    params.ui = False
    params.verbosity = 0
    server = xllamacpp.Server(params)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
