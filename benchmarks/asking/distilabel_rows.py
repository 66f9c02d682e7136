"""A pipeline of distilabel that asks for each row of a JSON list of texts, with its cache; run in its environment.

python distilabel_rows.py CHUNKS.json REPLIES.json URL 1    # 0: without its cache

Its cache is where the environment variable DISTILABEL_CACHE_DIR says.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Run the pipeline and write what it generated."""
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    chunks, output, url, cached = sys.argv[1:]
    ask = "Write a question and its answer about this text, as JSON.\n\n"
    rows = [{"instruction": f"{ask}{chunk}"} for chunk in json.loads(Path(chunks).read_text())]
    with Pipeline(name="questions") as pipeline:
        load = LoadDataFromDicts(name="rows", data=rows)
        llm = OpenAILLM(model="scripted", base_url=url, api_key="none")
        load >> TextGeneration(name="ask", llm=llm)
    found = pipeline.run(use_cache=cached == "1")["default"]["train"]
    Path(output).write_text(json.dumps([[row["instruction"].removeprefix(ask), row["generation"]] for row in found]))


if __name__ == "__main__":
    main()
