"""What a pipeline usually has: a stage that asks for each chunk of its input and writes the replies. No ledger.

python plain_stage.py CHUNKS.json REPLIES.json URL
"""

import json
import sys
from pathlib import Path

import openai

chunks, output, url = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key="none")
replies = []
for chunk in json.loads(Path(chunks).read_text()):
    messages = [{"role": "user", "content": f"Write a question and its answer about this text, as JSON.\n\n{chunk}"}]
    replies.append(client.chat.completions.create(model="scripted", messages=messages).choices[0].message.content)
Path(output).write_text(json.dumps(replies, indent=1))
