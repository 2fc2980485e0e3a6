"""Writes the `run` blocks of workflows to files, for shellcheck: run-blocks.py FOLDER WORKFLOW…"""

import pathlib
import sys

from ruamel.yaml import YAML

folder = pathlib.Path(sys.argv[1])
folder.mkdir()
for path in map(pathlib.Path, sys.argv[2:]):
    for name, job in YAML(typ="safe").load(path)["jobs"].items():
        for number, step in enumerate(job["steps"]):
            if "run" in step:
                block = folder / f"{path.stem}-{name}-{number}.sh"
                block.write_text("set -e\n" + step["run"])
