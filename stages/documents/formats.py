"""The formats we read."""

# suffix: the module beside this one with read(data, base) in it; loaded when needed, for a quick start
FORMATS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".txt": "text",
    ".text": "text",
    ".rst": "rst",
    ".ipynb": "notebook",
    ".epub": "epub",
    ".json": "faq",
    ".jsonl": "faq",
    ".csv": "faq",
    ".tsv": "faq",
}
