"""Write docs/model.md's tables anew from the types: `python docs/generate_model.py`."""

import importlib.util
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE_TEST = HERE.parent / "tests" / "model" / "test_model_page.py"

spec = importlib.util.spec_from_file_location("model_page", PAGE_TEST)
assert spec is not None
assert spec.loader is not None
model_page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(model_page)

page = model_page.PAGE.read_text(encoding="utf-8")
head, *_ = re.split(r"^## `model\.", page, maxsplit=1, flags=re.MULTILINE)
tail = re.split(r"^(?=## (?!`model\.))", page, maxsplit=1, flags=re.MULTILINE)[1:]
tables = "\n".join(model_page.table(module) for module in model_page.modules())
model_page.PAGE.write_text(head + tables + ("\n" + tail[0] if tail else ""), encoding="utf-8")
