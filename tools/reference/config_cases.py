"""What our composer is compared with Hydra on: small folders of YAML, and override lines.

Each case is (name, files, config name, overrides); `SCALARS` are plain scalars for OmegaConf.
"""

DB = {
    "config.yaml": "defaults:\n  - db: mysql\n  - _self_\nseed: 1\n",
    "db/mysql.yaml": "host: localhost\nport: 3306\nuser: {name: root, groups: [a, b]}\n",
    "db/pg.yaml": "host: ${oc.env:CELLO_TEST_HOST,unset}\nport: 5432\n",
    "db/small.yaml": "defaults:\n  - mysql\n  - _self_\nport: 1\n",
    "cache/redis.yaml": "ttl: 5\n",
    "cache/none.yaml": "# @package _global_\ncache_off: true\n",
}


def tree(**more):
    """DB with other files: config="..." is config.yaml, a__b="..." is a/b.yaml."""
    return {**DB, **{f"{name.replace('__', '/')}.yaml": text for name, text in more.items()}}


def config(text):
    return tree(config=text)


OVERRIDES = [
    "seed=2", "seed=-1", "seed=1e-3", "seed=1.0", "seed=1_000", "seed=010", "seed=", "seed=null",
    "seed=True", "seed=tRuE", "seed=abc", "seed='a b'", 'seed="a b"', "seed=a b", "seed=a:b",
    "seed='it\\'s'", "seed='a\\\\'", "seed=a\\,b", "seed=a\\ b", "seed=[1,2,[a,b]]", "seed=[]",
    "seed={a:1,b:[x]}", "seed={}", "seed=${db.port}", "seed='${db.port}'", "seed=x${db.port}y",
    "seed=a/b", "seed=a@b", "seed=1 2", "seed= 3", "seed=.5", "seed=5.", "seed=1e5", "seed=inf",
    "seed=nan", "seed=+3", "seed=0x10", "seed=1:30", "seed=no", "seed=~", "seed=a#b", "seed=a=b",
    "seed=\"a'b\"", "seed=\\,", "seed=a\\=b", "seed=[a,", "seed={a}", "seed='a", "seed=a'b",
    "seed=é", "sed=2", "+sed=2", "+seed=2", "++seed=2", "++new.deep=2", "+new.deep.er=x", "~seed",
    "~seed=1", "~seed=2", "~nothing", "db.port=1", "db.prt=1", "+db.extra=1", "~db.port",
    "db.user.groups.0=z", "db.user.groups=[c]", "db.user={name: me}", "+db.user={age: 3}",
    "db.user=null", "+db.user.name=x", "db=pg", "db=nothing", "~db", "~db=mysql", "~db=pg", "+db=pg",
    "+cache=redis", "+cache=none", "cache=redis", "~cache", "+cache@store=redis", "db@store=pg",
    "+cache@db.cache=redis", "++cache=redis", "seed", "+seed", "=1", "db/mysql=1", "a.0.b=1",
    "seed=${oc.env:CELLO_TEST_HOST}", "seed=${oc.env:CELLO_TEST_NONE}",
    "seed=${oc.env:CELLO_TEST_NONE,7}", "seed=${oc.env:CELLO_TEST_NONE,null}", "$x=1", "+$x=1",
    "+a-b=1", "+0=1", "db={host: h, port: 1}", "+db={extra: 1}", "db=small", "+cache=[redis,none]",
]

TREES = [
    ("no defaults list", config("a: 1\n"), "config", []),
    ("empty file", config(""), "config", []),
    ("self first", config("defaults:\n  - _self_\n  - db: mysql\ndb: {port: 9}\n"), "config", []),
    ("self last", config("defaults:\n  - db: mysql\n  - _self_\ndb: {port: 9}\n"), "config", []),
    ("no self", config("defaults:\n  - db: mysql\ndb: {port: 9}\n"), "config", []),
    ("two selves", config("defaults:\n  - _self_\n  - _self_\n"), "config", []),
    ("config by path", config("defaults:\n  - db/mysql\n  - _self_\n"), "config", []),
    ("null option", config("defaults:\n  - db: null\n  - _self_\na: 1\n"), "config", []),
    ("null option chosen", config("defaults:\n  - db: null\n  - _self_\na: 1\n"), "config", ["db=pg"]),
    ("missing option", config("defaults:\n  - db: ???\n"), "config", []),
    ("missing option chosen", config("defaults:\n  - db: ???\n"), "config", ["db=mysql"]),
    ("optional absent", config("defaults:\n  - optional db: no_such\n  - _self_\na: 1\n"), "config", []),
    ("absent", config("defaults:\n  - db: no_such\n"), "config", []),
    ("list of options", config("defaults:\n  - db: [mysql, pg]\n"), "config", []),
    ("list overridden", config("defaults:\n  - db: [mysql, pg]\n"), "config", ["db=mysql"]),
    ("list by override", config("defaults:\n  - db: mysql\n"), "config", ["db=[pg,mysql]"]),
    ("package in list", config("defaults:\n  - db@main: mysql\n  - db@spare: pg\n"), "config", []),
    ("package overridden", config("defaults:\n  - db@main: mysql\n"), "config", ["db@main=pg"]),
    ("package missed", config("defaults:\n  - db@main: mysql\n"), "config", ["db=pg"]),
    ("global package", config("defaults:\n  - db@_global_: mysql\n"), "config", []),
    ("group keyword", config("defaults:\n  - db@_group_.x: mysql\n"), "config", []),
    ("here keyword", tree(config="defaults:\n  - db: nest\n", db__nest="defaults:\n  - mysql@_here_\nz: 1\n"), "config", []),
    ("header", tree(config="defaults:\n  - db: h\n", db__h="# @package a.b\nx: 1\n"), "config", []),
    ("header global", tree(config="defaults:\n  - db: h\n", db__h="# @package _global_\nx: 1\n"), "config", []),
    ("list over header", tree(config="defaults:\n  - db@p: h\n", db__h="# @package a.b\nx: 1\n"), "config", []),
    ("nested", tree(config="defaults:\n  - a: one\n  - _self_\n", a__one="defaults:\n  - b: two\n  - _self_\nx: 1\n", a__b__two="y: 2\n"), "config", []),
    ("nested chosen", tree(config="defaults:\n  - a: one\n", a__one="defaults:\n  - b: two\n", a__b__two="y: 2\n", a__b__three="y: 3\n"), "config", ["a/b=three"]),
    ("absolute", tree(config="defaults:\n  - a: one\n", a__one="defaults:\n  - /db: mysql\nx: 1\n"), "config", []),
    ("absolute global", tree(config="defaults:\n  - a: one\n", a__one="defaults:\n  - /db@_global_.db: mysql\nx: 1\n"), "config", []),
    ("absolute chosen", tree(config="defaults:\n  - a: one\n", a__one="defaults:\n  - /db@_global_.db: mysql\nx: 1\n"), "config", ["db@db=pg"]),
    ("override keyword", tree(config="defaults:\n  - base\n  - override db: pg\n", base="defaults:\n  - db: mysql\n"), "config", []),
    ("override unused", config("defaults:\n  - override db: pg\n"), "config", []),
    ("override not last", tree(config="defaults:\n  - override db: pg\n  - base\n", base="defaults:\n  - db: mysql\n"), "config", []),
    ("override nested", tree(config="defaults:\n  - db: mysql\n  - b: one\n", b__one="# @package _global_\ndefaults:\n  - override /db: pg\nx: 1\n"), "config", []),
    ("override both", tree(config="defaults:\n  - base\n  - override db: pg\n", base="defaults:\n  - db: mysql\n"), "config", ["db=mysql"]),
    ("override null", tree(config="defaults:\n  - base\n  - override db: null\n", base="defaults:\n  - db: mysql\nx: 1\n"), "config", []),
    ("experiment", tree(exp__one="# @package _global_\ndefaults:\n  - override /db: pg\nseed: 7\n"), "config", ["+exp=one"]),
    ("sub-folder global", tree(exp__one="# @package _global_\ndefaults:\n  - /db: mysql\n  - _self_\ndb: {port: 2}\n"), "exp/one", []),
    ("sub-folder", tree(exp__one="defaults:\n  - /db: mysql\n  - _self_\nx: 2\n"), "exp/one", []),
    ("sub-folder inherits", tree(exp__one="# @package _global_\ndefaults:\n  - /db: mysql\n  - _self_\nx: 1\n", exp__two="# @package _global_\ndefaults:\n  - one\n  - override /db: pg\n  - _self_\nx: 2\n"), "exp/two", []),
    ("interpolated option", tree(config="defaults:\n  - db: mysql\n  - v: ${db}_v\n", v__mysql_v="x: 1\n", v__pg_v="x: 2\n"), "config", []),
    ("interpolated option chosen", tree(config="defaults:\n  - db: mysql\n  - v: ${db}_v\n", v__mysql_v="x: 1\n", v__pg_v="x: 2\n"), "config", ["db=pg"]),
    ("interpolated first", tree(config="defaults:\n  - v: ${db}_v\n  - db: mysql\n", v__mysql_v="x: 1\n"), "config", []),
    ("interpolated to nothing", config("defaults:\n  - v: ${dbb}_v\n"), "config", []),
    ("same group twice", config("defaults:\n  - db: mysql\n  - db: pg\n"), "config", []),
    ("same option twice", config("defaults:\n  - db: mysql\n  - db: mysql\n"), "config", []),
    ("merge of kinds", config("defaults:\n  - db: mysql\n  - _self_\ndb: {user: 3, port: {a: 1}}\n"), "config", []),
    ("null over map", config("defaults:\n  - db: mysql\n  - _self_\ndb: {user: null}\n"), "config", []),
    ("missing over value", config("defaults:\n  - db: mysql\n  - _self_\ndb:\n  port: ???\n"), "config", []),
    ("value over missing", config("a: ???\nb: 1\n"), "config", ["a=3"]),
    ("lists are replaced", config("defaults:\n  - db: mysql\n  - _self_\ndb: {user: {groups: [z]}}\n"), "config", []),
    ("interpolation of kinds", config("a: 1\nb: ${a}\nc: x${a}y\nd: ${e}\ne: {f: [1, '${a}']}\ng: ${e.f.1}\nh: ${e.f[0]}\n"), "config", []),
    ("interpolation to text", config("a: true\nb: null\nc: '${a} ${b}'\n"), "config", []),
    ("relative", config("a: {b: {c: '${.d}', d: 1, e: '${..x}', f: '${...top}'}, x: 2}\ntop: 3\n"), "config", []),
    ("nested key", config("a: {x: 1, y: 2}\nk: y\nb: ${a.${k}}\n"), "config", []),
    ("escaped", config("a: '\\${b}'\nb: 1\nc: '\\\\${b}'\n"), "config", []),
    ("circle", config("a: ${b}\nb: ${a}\n"), "config", []),
    ("circle of maps", config("a: {b: '${a}'}\n"), "config", []),
    ("to nothing", config("a: ${b}\n"), "config", []),
    ("to missing", config("a: ${b}\nb: ???\n"), "config", []),
    ("unknown resolver", config("a: ${nope:1}\n"), "config", []),
    ("unclosed", config("a: '${b'\nb: 1\n"), "config", []),
    ("through interpolation", config("a: {x: {y: 1}}\nb: ${a.x}\nc: ${b.y}\n"), "config", []),
    ("env", config("a: ${oc.env:CELLO_TEST_HOST}\nb: ${oc.env:CELLO_TEST_NONE,'x, y'}\nc: ${oc.env:CELLO_TEST_NONE,${d}}\nd: 4\ne: ${oc.env:CELLO_TEST_NUMBER}\n"), "config", []),
    ("anchors", config("a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\nd: {<<: [{p: 5}, *x]}\n"), "config", []),
    ("duplicate key", config("a: 1\na: 2\n"), "config", []),
    ("not a map", config("- 1\n"), "config", []),
    ("two documents", config("a: 1\n---\nb: 1\n"), "config", []),
    ("tag", config("a: !!python/object:os.system x\n"), "config", []),
    ("string tag", config("a: !!str 010\nb: !!int '3'\n"), "config", []),
    ("block text", config("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), "config", []),
    ("no such config", DB, "nothing", []),
]

SCALARS = [
    "a", "''", "~", "null", "Null", "NULL", "nUll", "yes", "No", "ON", "off", "y", "n", "true", "TRUE",
    "tRue", "0", "-0", "+1", "-17", "010", "-010", "0o10", "08", "0x1F", "0b101", "1_000", "_1", "1__0",
    "1:30", "1:30:00", "1:60", "190:20:30", "1.5", "-1.5", "1.", ".5", "-.5", "1e3", "1e-3", "1.e3",
    "1.0e+3", ".5e+3", ".5e3", "1E5", "+1e3", "1_0.5", "1_0e3", "1:30.5", ".inf", "-.INF", "+.Inf",
    ".nan", ".NaN", "inf", "nan", "1e", "e3", "1.2.3", "0.0", "-0.0", "00", "2001-01-01",
    "2001-01-01 00:00:00", "0x", "0b", "12e03", "1e+03", "0_7", "0x_1F", "9007199254740991",
]
