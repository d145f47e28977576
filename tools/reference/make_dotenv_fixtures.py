"""Reads texts of .env files with python-dotenv, and writes what came out.

    python tools/reference/make_dotenv_fixtures.py

Needs python-dotenv 1.2.1. Writes packages/platform/src/secrets/fixtures/dotenv.json: for each text the
variables, expanded with a small environment that wins, and the lines that could not be read.
"""

import io
import json
import os
from pathlib import Path

from dotenv.main import DotEnv
from dotenv.parser import parse_stream

ENVIRONMENT = {"GIVEN": "from the environment", "EMPTY": "", "NUMBER": "7"}

TEXTS = [
    "", "\n", "A=1", "A=1\n", "A=1\r\nB=2\r\n", "A=1\rB=2", "  A = 1  \n", "A= b c \n", "A=\n", "A\n", "A\nB=1",
    "export A=1\n", "export\tA=1", "exportA=1", "export =1", "'A B'=1\n", "'A'=1", "A='1'\n", 'A="1"', "A=`1`",
    "# comment\nA=1\n", "A=1 # comment", "A=1# no comment", "A=#b", "A= #b", "A='x' # comment", 'A="x#y"',
    "A=abc#def\n", "A=p$word\n", "A=$B\n", "A='p#$\"w'", 'A="it\'s"', r"A='it\'s'", r'A="a\"b"', r'A="\n\t\\\v\a\b\f\r"',
    r"A='\n\t\\'", r"A=\n\t", r'A="\q"', 'A="two\nlines"\nB=1', "A='two\nlines'", "A='open\nB=1", 'A="open\nB=1\n', "A='x'y\nB=2",
    "A='x'y'z'", 'A=x"y"', "=1\nB=2", "A==b", "A=b=c", "a.b=1", "a-b=1", "A:1\nB=2", "A B=1\nB=2", "ä=ö", "A=\u00a0x\u00a0",
    "B=1\nA=${B}2", "B=1\nA='${B}2'", 'B=1\nA="${B}2"', "A=${B}", "A=${B:-c}", "A=${GIVEN}", "GIVEN=file\nA=${GIVEN}",
    "A=${EMPTY:-c}", "A=${B:-${NUMBER}}", "A=${}", "A=${:-x}", "A=${B", "A=$${NUMBER}", "A=\\${NUMBER}", "B\nA=${B}", "B\nA=${B:-c}",
    "A=${A}1\nA=${A}2", "A=1\nA=2", "A=${NUMBER}${NUMBER}", "A=${B:c}", "A=${B-c}", "A=1\n\n\n  \nB=2", "A=1\n\tB=2",
    "SUPABASE_USER=u\nSUPABASE_PASS=p@ss#w\nSUPABASE_STAGING_ID=id\n"
    'SUPABASE_STAGING_URI="postgresql://${SUPABASE_USER}.${SUPABASE_STAGING_ID}:${SUPABASE_PASS}@host:5432/postgres"\n',
    "REPO_NAME=cell_observatory_platform # TODO: replace with your repo name if you renamed it\n",
]


def main():
    rows = []
    for text in TEXTS:
        os.environ.clear()
        os.environ.update(ENVIRONMENT)
        values = DotEnv(None, stream=io.StringIO(text), override=False).dict()
        faults = [binding.original.line for binding in parse_stream(io.StringIO(text)) if binding.error]
        rows.append({"text": text, "values": dict(values), "faults": faults})
    target = Path(__file__).parents[2] / "packages/platform/src/secrets/fixtures/dotenv.json"
    lines = ",\n".join(json.dumps(row) for row in rows)
    target.write_text(f'{{"environment": {json.dumps(ENVIRONMENT)}, "cases": [\n{lines}\n]}}\n')
    print(f"{len(rows)} texts")


main()
