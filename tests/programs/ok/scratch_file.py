from pathlib import Path

Path("/tmp/notes").write_text("kept for one run only")
print(Path("/tmp/notes").read_text())
