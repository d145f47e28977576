"""What our composer is compared with Hydra on: small folders of YAML, and override lines.

Each of `TREES` is (title, files, config name, overrides); `OVERRIDES` are lines over `DB`, `SWEEPS`
are command lines of -m, `SCALARS` plain scalars of YAML, `EXPRESSIONS` what `${eval:}` is given.
"""

ENV = {"CELLO_TEST_HOST": "db.example", "CELLO_TEST_NUMBER": "12"}

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
    ("circle through hydra", config("a: ${hydra:job.name}\n"), "config", ["hydra.job.name=${a}"]),
    ("circle in hydra", config("a: ${hydra:job.override_dirname}\nb: 1\n"), "config", ["b=${hydra:job.override_dirname}"]),
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

OVERRIDES += [
    # keys
    "a b=1", "db.user.groups.0.x=1", "db.user.groups.5=z", "+db.user.groups.2=z", "~db.user.groups.0",
    "~db.user", "~db.user.name", "~db.user={name: root, groups: [a, b]}", "~db=null", "~seed=null",
    "~seed=1.0", "~seed=true", "~seed=", "db.user.name.x=1", "+db.user.name.x=1", "++db.user.name.x=1",
    "seed.x=1", "+seed.x=1", "db.user={zzz: 1}", "+db.user={zzz: 1}", "++db.user={zzz: {y: 1}}",
    "db.user=[1]", "db.user.groups={a: 1}", "+db.user.groups=[z]", "++db.user.groups=[z]", "+seed=[1]",
    "+seed={a: 1}", "seed={a: 1}", "++seed=???", "seed=???", "+new=???", "+new=null", "+new={}", "+new=[]",
    "db=null", "db=1", "db=true", "db=[mysql,1]", "db=[]", "~db=1", "~db=[mysql]", "+db@x=null", "db='pg'",
    "db@=pg", "+db@=pg", "+db@_global_=pg", "db@db=pg", "db@:x=1", "+cache@a.b=redis", "hydra=x", "+a.0.1=x", "a-b=1",
    "+_x=1", "+A$=1", "+1a=1", "+a.1_0=2", "+a..b=1", "+a.=1", "+.a=1", "+a@=1", "+a@b=1", "++a", "~", "+", "",
    # values
    "seed=a\tb", "seed=\ta\t", "seed=a  b", "seed='  a '", "seed=\\ a\\ ", "seed=a\\\\", "seed=\\\\a", "seed=\\a", "seed=a\\:b",
    "seed=''", 'seed=""', "seed='a''b'", "seed='a'b", "seed=a 'b'", "seed='a' ", "seed= 'a'", "seed=\"a\\\"b\"", "seed='\\\\'",
    "seed='a\\\\\\'b'", "seed='\\d'", "seed=1e", "seed=1.", "seed=-.5", "seed=+.5e-3", "seed=1_0.5_0", "seed=1__0", "seed=_1", "seed=-0",
    "seed=-0.0", "seed=00", "seed=1.e3", "seed=1E5", "seed=Inf", "seed=-inf", "seed=+nan", "seed=infinity", "seed=nano", "seed=nulll",
    "seed=Null", "seed=NULL x", "seed=true false", "seed=trueish", "seed=yes", "seed=off", "seed=1-2", "seed=a-1", "seed=-a", "seed=--1", "seed=1+1",
    "seed=?", "seed=*", "seed=a|b", "seed=%", "seed=@", "seed=$", "seed=$a", "seed=${", "seed=${}", "seed=${a", "seed=}", "seed={", "seed=]",
    "seed=(", "seed=)", "seed=a(b", "seed=a)b", "seed=;", "seed=!", "seed=&", "seed=<", "seed=`", "seed=^", "seed=a\nb", "seed='a\nb'", "seed=ß",
    "seed='ß€😀'", "seed=[a b, 'c', \"d\"]", "seed=[ 1 , 2 ]", "seed=[1,,2]", "seed=[1,]", "seed=[,]", "seed=[[],[[]]]", "seed={a: 1, b: {c: [1, x]}}",
    "seed={a:b:c}", "seed={a b: 1}", "seed={'a': 1}", "seed={1: x, 1.5: y, false: z}", "seed={null: 1}", "seed={a:}", "seed={a: 1,}", "seed={a=1}",
    "seed={a:1,a:2}", "seed={:a}", "seed=[1]x", "seed=[1] ", "seed={a:1} x", "seed=x[1]", "seed=${db.port}${db.host}", "seed=[${db.port}]", "seed={a: ${db.port}}",
    "seed=${db.${x}}", "seed=x:${db.port}", "seed=a=b=c", "seed==", "seed=a,b", "seed=1,2", "seed=a,", "seed=,a", "seed=[a],b",
    # functions
    "seed=int(3.7)", "seed=int('12')", "seed=int(abc)", "seed=int(true)", "seed=int(null)", "seed=int(1e3)", "seed=int(-3.9)", "seed=int([1.5,'2'])",
    "seed=int({a: 1.5})", "seed=int()", "seed=int(1,2)", "seed=int(value=3.2)", "seed=int(1,value=2)", "seed=int(x=1)", "seed=float(3)", "seed=float('1e3')",
    "seed=float(inf)", "seed=float(abc)", "seed=float([1,2])", "seed=str(1)", "seed=str(1.0)", "seed=str(true)", "seed=str(null)", "seed=str([1,2.5])", "seed=str(abc)",
    "seed=str({a: 1})", "seed=bool(1)", "seed=bool(0)", "seed=bool(0.0)", "seed=bool(abc)", "seed=bool('TRUE')", "seed=bool([0,1])", "seed=bool({a: 0})", "seed=str(int(1.5))",
    "seed=int (1.5)", "seed=int( 1.5 )", "seed=[int(1.5),str(2)]", "seed={a: int(1.5)}", "seed=sort([3,1,2])", "seed=sort([b,a])", "seed=sort(['b','a'])", "seed=sort([1,a])",
    "seed=sort([3,1,2],reverse=true)", "seed=sort(list=[3,1,2])", "seed=sort(x)", "seed=sort([])", "seed=sort()", "seed=sort(1,2)", "seed=sort([true,2,0.5])",
    "seed=sort([B,a,C])", "seed=shuffle([1])", "seed=shuffle(1)", "seed=shuffle(list=[1])", "seed=nope(1)", "seed=choice(1,2)", "seed=range(3)",
    "seed=interval(0,1)", "seed=glob(*)", "seed=tag(a,choice(1,2))", "db=choice(mysql,pg)", "db=glob(*)", "seed=int(1.5)x", "seed=x int(1.5)",
    # keys of Hydra
    "hydra.run.dir=x", "+hydra.nope=1", "hydra.nope=1", "hydra.job.name=x", "hydra/launcher=basic", "hydra/launcher=nope", "hydra/job_logging=disabled", "~hydra/launcher",
    "hydra/callbacks=x", "+hydra/launcher=basic", "hydra.searchpath=[]", "hydra.verbose=true", "hydra.mode=RUN", "hydra.sweeper.params=null", "hydra.nope.x=1",
    "hydra.job.chdir=false", "+hydra.job.env_set.X=1", "hydra.job.env_set.X=1", "hydra.run={dir: y}", "hydra.output_subdir=null", "hydra/nope=x", "hydra.sweep.subdir=x",
]

KINDS = "b: 1\nc: 1.0\nd: 1e-5\ne: true\nf: null\ng: x y\nh: [1, 'a', 2.5]\ni: {p: 1, q: {r: x}}\nj: 123456789.123\nk: 1e22\nl: .inf\nm: -0.0\nn: '1'\n"


def value(text, more=""):
    return tree(config=f"{KINDS}a: {text}\n{more}")


def values(name, *texts):
    return [(f"{name}: {text}", value(text), "config", []) for text in texts]


TREES += values("interpolation", "'x${b}y'", "'${c}_'", "'${d}'", "'${d}_'", "'${e}${f}'", "'${h}_'", "'${i}_'", "'${j}_'", "'${k}_'", "'${l}_'", "'${m}_'", "'${n}_'", "'${n}'",
    "${i}", "${h}", "${i.q}", "${i[q][r]}", "${[i].q}", "${i.q.r}", "${i.nope}", "${h.0}", "${h[1]}", "${h.9}", "${h.-1}", "${h.x}", "${b.x}", "${ b }", "${b }", "'${b'", "'${}'",
    "'${.b}'", "'${..b}'", "'${...b}'", "'$b'", "'${b}}'", "'{${b}}'", "'\\${b}'", "'\\\\${b}'", "'\\\\\\${b}'", "'\\n${b}'", "'a\\'", "'\\\\'", "'\\\\ ${b}'", "'${b}\\\\'",
    "'${i.${n2}}'", "'${i.${g2}}'", "'${i.q${b}}'", "${a}", "'${b}${a}'", "'${i.p}-${i.q.r}'", "'${${g3}}'", "'${b.}'", "'${b..c}'", "'${b c}'", "'${b-c}'", "'${i .p}'", "'${b|c}'", "'${b/c}'", "'${b:c}'")
for title, files, name, lines in TREES[-12:]:
    files["config.yaml"] += "n2: 1\ng2: q\ng3: b\n"

TREES += values("oc.env", "${oc.env:CELLO_TEST_HOST}", "${oc.env:CELLO_TEST_NONE}", "${oc.env:CELLO_TEST_NONE,}", "${oc.env:CELLO_TEST_NONE,null}", "${oc.env:CELLO_TEST_NONE,1.0}",
    "${oc.env:CELLO_TEST_NONE,true}", "'${oc.env:CELLO_TEST_NONE,[1,2]}'", "'${oc.env:CELLO_TEST_NONE,{x: 1}}'", "${oc.env:CELLO_TEST_NONE,a b c}", "'${oc.env:CELLO_TEST_NONE, \"a, b\" }'",
    "${oc.env:CELLO_TEST_NONE,${b}}", "${oc.env:CELLO_TEST_NONE,${f}}", "${oc.env:CELLO_TEST_NONE,x${b}}", "'${oc.env:CELLO_TEST_NONE,${oc.env:CELLO_TEST_HOST}}'", "${oc.env:}", "${oc.env:a,b,c}", "${oc.env:1}",
    "'${oc.env:\"CELLO_TEST_HOST\"}'", "${oc.env:CELLO_TEST_NONE,/a/b-c.d}", "'${oc.env:CELLO_TEST_NONE,a\\,b}'", "'${oc.env:CELLO_TEST_NONE,a:b}'", "'${oc.env:CELLO_TEST_NONE,(x)}'", "'${oc.env:CELLO_TEST_NONE,~}'", "'${oc.env:CELLO_TEST_NONE,\"it\\\"s\"}'")
TREES += values("oc.decode", "${oc.decode:${n}}", "'${oc.decode:\"[1, 2.0, a]\"}'", "'${oc.decode:\"{x: 1}\"}'", "${oc.decode:null}", "${oc.decode:1}", "${oc.decode:x y}", "'${oc.decode:\"${oc.env:CELLO_TEST_NUMBER}\"}'",
    "${oc.decode:${oc.env:CELLO_TEST_NUMBER}}", "'${oc.decode:\"a,b\"}'", "'${oc.decode:\"(\"}'", "'${oc.decode:\"\"}'", "'${oc.decode:\" 1\"}'", "'${oc.decode:\"1 \"}'", "'${oc.decode:\"\\${b}\"}'", "'${oc.decode:\"true\"}'", "${oc.decode:a,b}", "${oc.decode:}", "'${oc.decode:\"x: ${b}\"}'")
TREES += values("oc.select", "${oc.select:b}", "${oc.select:nope}", "${oc.select:nope,3}", "${oc.select:nope,null}", "${oc.select:i}", "${oc.select:i.q.r}", "${oc.select:i.q.z,x}", "${oc.select:.b}", "'${oc.select:nope,[1,2]}'",
    "'${oc.select:nope,{x: 1}}'", "${oc.select:f,3}", "'${oc.select:\"i[q]\"}'", "${oc.select:h.1}", "${oc.select:b.x,3}", "${oc.select:h.x,3}", "${oc.select:nope,${b}}", "${oc.select:}", "${oc.select:b,1,2}", "${oc.select:1}")
TREES += values("oc.create", "'${oc.create:{x: 1, y: [a, 2.0]}}'", "'${oc.create:[1,2]}'", "${oc.create:${i}}", "${oc.create:null}", "'${oc.create:{}}'", "'${oc.create:[]}'", "'${oc.create:{x: ${b}, y: \"${g}!\"}}'", "${oc.create:}", "'${oc.create:{a},1}'")
TREES += values("oc.deprecated", "${oc.deprecated:b}", "${oc.deprecated:i}", "${oc.deprecated:nope}", "'${oc.deprecated:b,use the other}'", "${oc.deprecated:1}", "${oc.deprecated:b,1}", "'${oc.deprecated:.b}'")
TREES += values("oc.dict", "${oc.dict.keys:i}", "${oc.dict.values:i}", "${oc.dict.keys:h}", "${oc.dict.keys:nope}", "${oc.dict.keys:i.q}", "${oc.dict.values:i.q}", "${oc.dict.keys:${i}}", "${oc.dict.keys:.i}", "${oc.dict.values:.i}", "'${oc.dict.keys:i}_'", "${oc.dict.keys:b}", "${oc.dict.keys:}")
TREES += values("resolver names", "'${oc.${g4}:CELLO_TEST_HOST}'", "${nope:}", "${oc:env}", "${oc.nope:x}", "${now:x%%y}", "${now:}", "${hydra:job.name}", "${hydra:overrides.task}", "'${hydra:job.config_name}'", "'${hydra:runtime.choices}'", "'${hydra:verbose}'", "'${hydra:sweeper.max_batch_size}'", "${hydra.job.name}")
for title, files, name, lines in TREES[-14:]:
    files["config.yaml"] += "g4: env\n"
TREES += values("eval", "${eval:'1 + 2'}", "${eval:'${b} * 8'}", "${eval:'${c} / 2'}", "${eval:'\"${g}\"'}", "${eval:1+2}", "${eval:'1 if ${e} else 2'}", "${eval:'${h}'}", "${eval:${b}}", "'${eval:\"max(${b}, 3)\"}'", "${eval:'${f} is None'}", "${eval:'[${b}, 2.0]'}", "${eval:'nope'}", "${eval:'1/0'}", "${eval:'7 // 2'}", "'x${eval:\"1/2\"}'", "${eval:'__import__(\"os\")'}", "${eval:}", "${eval:'1','2'}")

SECOND = "hydra:\n  searchpath: ['${oc.env:CELLO_TEST_ROOT}/second']\n"
HYDRA = "hydra:\n  run:\n    dir: runs/${name}\n  job:\n    name: mine\n"
TREES += [
    ("hydra keys", config(HYDRA + "name: n\na: ${hydra:run.dir}\nb: ${hydra:job.name}\n"), "config", []),
    ("hydra keys overridden", config(HYDRA + "name: n\na: ${hydra:run.dir}\n"), "config", ["hydra.run.dir=z"]),
    ("hydra key unknown", config("hydra:\n  nope: 1\n"), "config", []),
    ("hydra run key unknown", config("hydra:\n  run:\n    dirr: x\n"), "config", []),
    ("hydra override line", config("defaults:\n  - _self_\n  - override hydra/job_logging: disabled\na: 1\n"), "config", []),
    ("hydra override lines", config("defaults:\n  - db: mysql\n  - _self_\n  - override hydra/job_logging: none\n  - override hydra/hydra_logging: disabled\n  - override hydra/launcher: basic\n  - override hydra/sweeper: basic\na: 1\n"), "config", []),
    ("hydra override line unknown", config("defaults:\n  - _self_\n  - override hydra/launcher: nope\na: 1\n"), "config", []),
    ("hydra group unknown", config("defaults:\n  - _self_\n  - override hydra/nope: basic\na: 1\n"), "config", []),
    ("hydra group without override", config("defaults:\n  - _self_\n  - hydra/launcher: basic\na: 1\n"), "config", []),
    ("hydra override below", tree(config="defaults:\n  - exp: one\n  - _self_\n", exp__one="# @package _global_\ndefaults:\n  - override /hydra/job_logging: disabled\nx: 1\n"), "config", []),
    ("hydra in package", tree(config="defaults:\n  - exp: one\n", exp__one="# @package _global_\nhydra:\n  run:\n    dir: x\nq: ${hydra:run.dir}\n"), "config", []),
    ("hydra own option", tree(config="defaults:\n  - _self_\n  - override hydra/output: mine\na: ${hydra:run.dir}\n", hydra__output__mine="# @package _global_\nhydra:\n  run:\n    dir: here\n"), "config", []),
    ("search path", tree(config="defaults:\n  - db: mysql\nhydra:\n  searchpath: [other]\n"), "config", []),
    ("search path, second root", tree(config="defaults:\n  - db: mysql\n  - extra: x\n" + SECOND, second__extra__x="e: 1\n"), "config", []),
    ("search path, first root wins", tree(config="defaults:\n  - db: mysql\n" + SECOND, second__db__mysql="host: second\n"), "config", []),
    ("search path, options of both", tree(config="defaults:\n  - db: mysql\n" + SECOND, second__db__other="host: second\n"), "config", ["db=other"]),
    ("search path, group of the second", tree(config="defaults:\n  - db: mysql\n" + SECOND, second__more__x="m: 1\n"), "config", ["+more=x"]),
    ("search path overridden", tree(config="defaults:\n  - db: mysql\n" + SECOND, second__more__x="m: 1\n"), "config", ["+more=x", "hydra.searchpath=[]"]),
    ("search path, three roots", tree(config="defaults:\n  - db: other\nhydra:\n  searchpath: ['${oc.env:CELLO_TEST_ROOT}/second', 'file://${oc.env:CELLO_TEST_ROOT}/third']\n", second__x="a: 1\n", third__db__other="host: third\n"), "config", []),
    ("search path below", tree(config="defaults:\n  - exp: one\n", exp__one="# @package _global_\nhydra:\n  searchpath: [x]\n"), "config", []),
    ("search path no list", config("hydra:\n  searchpath: x\n"), "config", []),
    ("option from env", tree(config="defaults:\n  - db: ${oc.env:CELLO_TEST_NONE,mysql}\n"), "config", []),
    ("option from env set", tree(config="defaults:\n  - db: v${oc.env:CELLO_TEST_NUMBER}\n", db__v12="x: 1\n"), "config", []),
    ("config by interpolated path", tree(config="defaults:\n  - db: mysql\n  - v/${db}\n", v__mysql="x: 1\n"), "config", []),
    ("interpolated by interpolated", tree(config="defaults:\n  - db: mysql\n  - v: ${db}_v\n  - w: ${v}_w\n", v__mysql_v="x: 1\n", w__mysql_v_w="y: 1\n"), "config", []),
    ("interpolated package", tree(config="defaults:\n  - db@main: mysql\n  - v: ${db@main}_v\n", v__mysql_v="x: 1\n"), "config", []),
    ("interpolated nested group", tree(config="defaults:\n  - a/b: one\n  - v: ${a/b}_v\n", a__b__one="q: 1\n", v__one_v="x: 1\n"), "config", []),
    ("interpolated in a list", tree(config="defaults:\n  - db: mysql\n  - v: ['${db}_v']\n", v__mysql_v="x: 1\n"), "config", []),
    ("override below interpolated", tree(config="defaults:\n  - db: mysql\n  - cache: redis\n  - v: ${db}_v\n", v__mysql_v="defaults:\n  - override /cache: none\nx: 1\n"), "config", []),
    ("number option", tree(config="defaults:\n  - db: 1\n", db__1="x: 1\n"), "config", []),
    ("quoted number option", tree(config="defaults:\n  - db: '1'\n", db__1="x: 1\n"), "config", []),
    ("bool option", tree(config="defaults:\n  - db: on\n"), "config", []),
    ("optional config", config("defaults:\n  - optional nothing\n  - _self_\na: 1\n"), "config", []),
    ("optional null", config("defaults:\n  - optional db: null\n  - _self_\na: 1\n"), "config", []),
    ("optional list", config("defaults:\n  - optional db: [mysql, nope]\n  - _self_\na: 1\n"), "config", []),
    ("optional with package", config("defaults:\n  - optional db@x.y: mysql\n  - _self_\na: 1\n"), "config", []),
    ("optional override", tree(config="defaults:\n  - base\n  - optional override db: pg\n", base="defaults:\n  - db: mysql\n"), "config", []),
    ("override with package", tree(config="defaults:\n  - base\n  - override db@x: pg\n", base="defaults:\n  - db@x: mysql\n"), "config", []),
    ("override list", tree(config="defaults:\n  - base\n  - override db: [mysql, pg]\n", base="defaults:\n  - db: mysql\n"), "config", []),
    ("override optional absent", tree(config="defaults:\n  - base\n  - override db: nope\n", base="defaults:\n  - optional db: mysql\nx: 1\n"), "config", []),
    ("override only, own content", config("defaults:\n  - override hydra/job_logging: none\na: 1\n"), "config", []),
    ("defaults null", config("defaults:\na: 1\n"), "config", []),
    ("defaults mapping", config("defaults: {db: mysql}\na: 1\n"), "config", []),
    ("defaults empty", config("defaults: []\na: 1\n"), "config", []),
    ("defaults in group empty", tree(config="defaults:\n  - db: e\n", db__e="defaults: []\nx: 1\n"), "config", []),
    ("entry of two keys", config("defaults:\n  - {db: mysql, cache: redis}\n"), "config", []),
    ("entry empty", config("defaults:\n  - {}\n"), "config", []),
    ("entry null", config("defaults:\n  - null\n"), "config", []),
    ("entry number", config("defaults:\n  - 3\n"), "config", []),
    ("option with suffix", config("defaults:\n  - db: mysql.yaml\n"), "config", []),
    ("self with package", config("defaults:\n  - _self_@x\na: 1\n"), "config", []),
    ("here of a group", tree(config="defaults:\n  - db: n\n", db__n="defaults:\n  - sub@_here_: one\nz: 1\n", db__sub__one="q: 1\n"), "config", []),
    ("global from below", tree(config="defaults:\n  - db: n\n", db__n="defaults:\n  - sub@_global_: one\nz: 1\n", db__sub__one="q: 1\n"), "config", []),
    ("global with rest", tree(config="defaults:\n  - db: n\n", db__n="defaults:\n  - sub@_global_.s.t: one\nz: 1\n", db__sub__one="q: 1\n"), "config", []),
    ("group from below", tree(config="defaults:\n  - db: n\n", db__n="defaults:\n  - sub@_group_.s: one\nz: 1\n", db__sub__one="q: 1\n"), "config", []),
    ("package of a nested list", tree(config="defaults:\n  - db@x: n\n", db__n="defaults:\n  - sub: one\nz: 1\n", db__sub__one="q: 1\n"), "config", []),
    ("override nested with package", tree(config="defaults:\n  - db@x: n\n", db__n="defaults:\n  - sub: one\nz: 1\n", db__sub__one="q: 1\n", db__sub__two="q: 2\n"), "config", ["db/sub@x.sub=two"]),
    ("the same group twice, packages", config("defaults:\n  - db@a: mysql\n  - db@b: mysql\n  - db@c.d: pg\n"), "config", ["db@b=pg"]),
    ("header global nested", tree(config="defaults:\n  - db: n\n", db__n="# @package _global_.a.b\nz: 1\n"), "config", []),
    ("group with a keyword in its name", tree(config="defaults:\n  - same_name_as: one\n  - my_group_x: one\n", same_name_as__one="x: 1\n", my_group_x__one="y: 1\n"), "config", ["same_name_as=one"]),
    ("group with a keyword in its name, added", {**tree(config="a: 1\n"), "same_name_as/one.yaml": "x: 1\n", "a_group_b/one.yaml": "y: 1\n"}, "config", ["+same_name_as=one", "+a_group_b=one"]),
    ("header in sub-folder parent", tree(config="defaults:\n  - a: one\n", a__one="# @package p\ndefaults:\n  - b: two\n  - _self_\nx: 1\n", a__b__two="y: 2\n"), "config", []),
    ("header with two words", tree(config="defaults:\n  - db: n\n", db__n="# @package a b\nz: 1\n"), "config", []),
    ("header after a comment", tree(config="defaults:\n  - db: n\n", db__n="# note\n# @package a\nz: 1\n"), "config", []),
    ("config name with suffix", DB, "config.yaml", []),
    ("nested config name", tree(deep__er__c="defaults:\n  - x\n  - /db: pg\n  - _self_\na: 1\n", deep__er__x="b: 2\n"), "deep/er/c", ["a=2", "db=mysql"]),
    ("nested config name, suffix", tree(deep__c="a: 1\n"), "deep/c.yaml", []),
    ("merge onto interpolation", tree(config="defaults:\n  - base\n  - more\n", base="a: {x: 1, y: 2}\nb: ${a}\n", more="b: {x: 3}\n"), "config", []),
    ("merge onto interpolation, new key", tree(config="defaults:\n  - base\n  - more\n", base="a: {x: 1, y: '${.x}'}\nb: ${a}\n", more="b: {z: 3, x: 9}\n"), "config", []),
    ("merge onto interpolation, nested", tree(config="defaults:\n  - base\n  - more\n", base="a: {x: {p: 1}, y: 2}\nb: {c: '${..a}'}\n", more="b: {c: {x: {q: 3}}}\n"), "config", []),
    ("merge onto interpolation to nothing", tree(config="defaults:\n  - base\n  - more\n", base="b: ${a}\n", more="b: {x: 3}\na: {y: 1}\n"), "config", []),
    ("merge onto interpolation to later", tree(config="defaults:\n  - base\n  - more\n", base="b: ${a}\n", more="a: {y: 1}\nb: {x: 3}\n"), "config", []),
    ("merge onto interpolated list", tree(config="defaults:\n  - base\n  - more\n", base="a: [1]\nb: ${a}\n", more="b: [2, 3]\n"), "config", []),
    ("merge onto interpolated scalar", tree(config="defaults:\n  - base\n  - more\n", base="a: 1\nb: ${a}\n", more="b: {x: 1}\n"), "config", []),
    ("interpolation over map", tree(config="defaults:\n  - base\n  - more\n", base="a: {x: 1}\nb: {y: 2}\n", more="b: ${a}\n"), "config", []),
    ("missing over interpolation", tree(config="defaults:\n  - base\n  - more\n", base="a: {x: 1}\nb: ${a}\n", more="b: ???\n"), "config", []),
    ("override onto interpolation", config("a: {x: 1}\nb: ${a}\n"), "config", ["b={x: 2}"]),
    ("override below interpolation", config("a: {x: 1}\nb: ${a}\n"), "config", ["b.x=2"]),
    ("override add below interpolation", config("a: {x: 1}\nb: ${a}\n"), "config", ["+b.z=2"]),
    ("override below interpolation, nested", config("a: {x: {p: 1}}\nb: {c: '${a}'}\n"), "config", ["b={c: {x: {p: 2}}}"]),
    ("add over null interpolation", config("a: null\nb: ${a}\n"), "config", ["+b=3"]),
    ("add over interpolation", config("a: 1\nb: ${a}\n"), "config", ["+b=3"]),
    ("delete interpolation", config("a: 1\nb: ${a}\n"), "config", ["~b=1"]),
    ("delete null", config("a: null\nb: 1\n"), "config", ["~a"]),
    ("delete missing", config("a: ???\nb: 1\n"), "config", ["~a"]),
    ("delete then add", config("a: 1\nb: 1\n"), "config", ["~a", "+a=2"]),
    ("order of overrides", config("a: 1\nb: ${a}\n"), "config", ["a=2", "a=3", "++a=4"]),
    ("lists of maps", config("a: [{x: 1}, {x: '${..b}'}, {x: '${b}'}]\nb: 2\n"), "config", ["a.0.x=5"]),
    ("list relative", config("a: ['${..b}', '${.0}']\nb: 2\n"), "config", []),
    ("int keys", config("a: {1: x, 2: y}\nb: ${a.1}\n"), "config", []),
    ("int keys alone", config("a: {1: x, '1': y, 1.5: z}\n"), "config", []),
    ("bool keys", config("a: {yes: x, no: y, on: z}\n"), "config", []),
    ("int keys merged", tree(config="defaults:\n  - base\n  - more\n", base="a: {1: x}\n", more="a: {1: y, 2: z}\n"), "config", []),
    ("int keys overridden", config("a: {1: x}\n"), "config", ["a.1=y"]),
    ("int keys by mapping", config("a: {1: x}\n"), "config", ["a={1: y}"]),
    ("null key", config("a: {null: x}\n"), "config", []),
    ("top int key", config("1: x\n"), "config", []),
    ("dotted keys", config("a.b: 1\nc: ${a.b}\n"), "config", []),
    ("long text", config("a: >\n  folded\n  text\nb: 'it''s'\nc: \"tab\\tnew\\nline \\u00e9 \\x41\"\n"), "config", []),
    ("numbers", config("a: [1.0, 1e3, 1.5e-7, 0x1F, 0o17, 017, 0b11, 1_000, 1:30, .5, 5., -1, +1, 1e400x]\n"), "config", []),
    ("dates", config("a: [2001-01-01, '2001-01-01', 2001-01-01T00:00:00Z]\n"), "config", []),
    ("odd keys", config("'a b': 1\n'ä': 2\n'': 3\n'a/b': 4\n"), "config", []),
    ("BOM", config("\ufeffa: 1\n"), "config", []),
    ("tabs", config("a:\n\tb: 1\n"), "config", []),
    ("windows lines", config("a: 1\r\nb:\r\n  - x\r\n"), "config", []),
    ("comments", config("# c\na: 1 # d\nb: '#e' # f\nc: a#b\n"), "config", []),
    ("null value", config("a:\nb: ~\nc: null\nd: ''\n"), "config", []),
    ("top null", config("null\n"), "config", []),
    ("top scalar", config("x\n"), "config", []),
    ("only comments", config("# nothing\n"), "config", []),
    ("document marks", config("---\na: 1\n...\n"), "config", []),
    ("flow", config("{a: {b: [1, {c: 2}]}, d: }\n"), "config", []),
    ("alias of a list", config("a: &x [1, 2]\nb: *x\nc: [*x, 3]\n"), "config", []),
    ("anchor on scalar", config("a: &x 1\nb: *x\n"), "config", []),
    ("merge key twice", config("x: &x {p: 1}\ny: &y {q: 2}\nz:\n  <<: *x\n  <<: *y\n"), "config", []),
    ("text mode", config("a: !!str 1\nb: !!float 1\nc: !!bool yes\nd: !!null ''\n"), "config", []),
    ("python tuple", config("a: !!python/tuple [1]\n"), "config", []),
    ("set tag", config("a: !!set {x, y}\n"), "config", []),
    ("timestamp tag", config("a: !!timestamp 2001-01-01\n"), "config", []),
    ("binary tag", config("a: !!binary aGk=\n"), "config", []),
    ("missing inside reference", config("a: {x: ???}\nb: ${a}\n"), "config", []),
    ("missing in the middle", config("a: ???\nb: ${a.x}\n"), "config", []),
    ("reference to parent", config("a: {b: {c: '${..}' }}\n"), "config", []),
    ("reference up to map", config("a: {b: 1, c: {d: '${a.b}', e: '${..b}'}}\nf: ${a.c}\n"), "config", []),
    ("chain", config("a: ${b}\nb: ${c}\nc: ${d.x}\nd: ${e}\ne: {x: 5}\n"), "config", []),
    ("escaped through reference", config("a: '\\${b}'\nb: 1\nc: ${a}\nd: 'x${a}'\n"), "config", []),
    ("relative through reference", config("a: {x: '${.y}', y: 1}\nb: {a: '${..a}', y: 2}\nc: ${b.a.x}\n"), "config", []),
]

OLD = {"version_base": "1.1"}
OLD_TREES = [
    ("header group", tree(config="defaults:\n  - db: h\n", db__h="# @package _group_\nx: 1\n")),
    ("header group and more", tree(config="defaults:\n  - a/b: h\n", a__b__h="# @package _group_.x\nx: 1\n")),
    ("header name", tree(config="defaults:\n  - db: h\n", db__h="# @package x._name_\nx: 1\n")),
    ("header group and name", tree(config="defaults:\n  - db: h\n", db__h="# @package _group_._name_\nx: 1\n")),
    ("list name", tree(config="defaults:\n  - db@_name_: mysql\n")),
    ("list group and name", tree(config="defaults:\n  - db@_group_._name_: mysql\n")),
]

SWEEPS = [
    ["seed=1,2,3"], ["seed=1,2", "db=mysql,pg"], ["db=pg", "seed=1,2"], ["seed=choice(1,2)"], ["seed=choice('a b',c)"], ["seed='a b','c,d'"], ["seed=range(3)"], ["seed=range(1,4)"],
    ["seed=range(1,10,3)"], ["seed=range(10,1,-4)"], ["seed=range(0,1,0.25)"], ["seed=range(0,1,0.1)"], ["seed=range(0.1,0.5,0.1)"], ["seed=range(start=1,stop=3)"], ["seed=range(stop=3,start=1,step=1)"],
    ["seed=range(1,1)"], ["seed=range(1,3,0)"], ["seed=range(a,3)"], ["seed=range(1e15,1e15)"], ["seed=range(3.0)"], ["seed=interval(0,1)"], ["db=glob(*)"], ["db=glob(m*)"], ["db=glob([m*,p*],exclude=*g)"], ["db=glob(include=*,exclude=[mysql])"],
    ["db=glob(nothing)"], ["seed=sort(3,1,2)"], ["seed=sort(3,1,2,reverse=true)"], ["seed=sort(choice(c,a,b))"], ["seed=sort(range(3,0,-1))"], ["seed=sort(range(1,4),reverse=true)"], ["seed=sort(range(10,0,-3))"], ["seed=sort(1,a)"],
    ["seed=int(1.5,2.5)"], ["seed=str(choice(1,2))"], ["seed=float(range(1,4))"], ["seed=int(range(0.5,3.5))"], ["seed=bool(choice(1,0))"], ["seed=str(range(1,3))"], ["seed=choice(1,choice(2,3))"], ["seed=choice()"],
    ["seed=choice(a)"], ["seed=choice([1,2],{a: 1})"], ["seed=[1,2],[3]"], ["seed={a:1,b:[x y]},{}"], ["seed=tag(a,b,choice(1,2))"], ["seed=tag(choice(1,2))"], ["seed=tag(1,choice(1,2))"], ["seed=tag(a)"], ["seed=tag(a,range(1,3))"],
    ["seed=true,false,null"], ["seed=1.0,1e-7,inf,nan,-0.0"], ["seed=a b,c d"], ["seed=a\\,b,c"], ["seed=${db.port},2"], ["+new=1,2"], ["++seed=1,2"], ["~seed"], ["~seed", "db=mysql,pg"], ["seed=1,2", "seed=3"], ["db=mysql,pg", "+cache=redis,none"],
    ["db@db=mysql,pg"], ["hydra.run.dir=x", "seed=1,2"], ["hydra.run.dir=x,y"], ["seed=shuffle([1])"], ["seed=shuffle(choice(1))"], ["seed=choice(1, 2)  "], ["seed=1 , 2"], ["seed=\"a'b\",'c\"d'"], ["seed='a\\'b',c"], ["seed='a\\\\',b"], ["seed=a/b,c:d,e@f"],
    ["seed=[1,2]"], [], ["seed=5"], ["seed=1,2", "nope=3"], ["seed=''"], ["seed="], ["seed=,"], ["seed=glob(*)"], ["seed=1,2", "+x=range(2)", "db=pg"],
    ["seed=sort(null)"], ["seed=sort(sort(null),reverse=true)"], ["seed=shuffle(null)"], ["seed=sort(null,1)"], ["seed=sort([null])"], ["seed=sort(2,1,list=null)"], ["seed=sort(list=null)"], ["seed=sort(list=[2,1],sweep=null)"], ["seed=bool(null)"], ["seed=int(null)"], ["seed=bool([null,1])"], ["seed=str([null])"], ["seed=bool(value=null)"],
]

TREE_LINES = [[], ["db=pg"], ["~db"], ["+cache=redis"], ["db=small"], ["hydra/job_logging=disabled"], ["+cache@a.b=redis"]]

EXPRESSIONS = [
    "1", "1.0", "-3", "1+2*3", "(1+2)*3", "7/2", "8/2", "7//2", "-7//2", "7//-2", "7%3", "-7%3", "7%-3", "7.5//2", "-7.5//2", "7.5%2", "-7.5%2", "2**10", "2**-1", "2.0**3", "-2**2", "2**3**2", "(-8)**(1/3)", "0**0", "0**-1",
    "1/0", "1//0", "1%0", "1.0/0", "10**400", "2**0.5", "1e308*10", "1e308**2", "True+True", "True/2", "not True", "not 0", "1 and 2", "0 and 2", "1 or 2", "0 or ''", "1 if 0 else 2", "1 if [] else 2", "1 < 2 < 3", "1 < 3 < 2", "1 == 1.0", "1 == True",
    "'a' == 'a'", "'a' < 'b'", "'a' < 1", "1 != 2", "'a' in 'abc'", "2 in [1,2]", "2 not in [1,2]", "None is None", "1 is not None", "'a' + 'b'", "'a' * 3", "3 * 'a'", "'a' + 1", "[1,2]+[3]", "[0]*3", "[1,2][0]", "[1,2][-1]", "[1,2][5]", "'abc'[1]", "(1,2)", "()", "[]",
    "(1)", "(1,)", "[1,]", "1,2", "max(1,2,3)", "max([1,5,2])", "min(1,2.5)", "max()", "min([])", "abs(-3)", "abs(-3.5)", "round(2.5)", "round(3.5)", "round(2.675,2)", "round(-2.5)", "round(1234.5678,1)", "round(5)", "int(3.9)", "int('12')", "int('x')", "int(-3.9)", "int()",
    "float('1.5')", "float(3)", "float('nope')", "str(1.0)", "str(True)", "bool(0)", "bool('')", "bool('x')", "len('abc')", "len([1,2])", "len(3)", "sum([1,2,3.5])", "sum([])", "pow(2,3)", "1_000", "0x1F", "0b11", "0o17", "010", "00", "1e3", ".5", "5.", "1.e2", "1__0", "_1", "1_",
    "~5", "5 & 3", "5 | 3", "5 ^ 3", "1 << 4", "256 >> 2", "True & False", "1.5 & 1", "+5", "--5", "+-5", "not not 1", "1 <", "1 +", "", " 1", "1 ", "x", "print(1)", "__import__('os')", "(lambda: 1)()", "[x for x in [1]]", "1 if 1", "'a", "'a\\n'", "'it\\'s'", "\"x\"", "1; 2", "a=1", "{}", "{'a': 1}",
    "(1).real", "'a'.upper()", "open('x')", "1 is 1.0 or 2", "0.1+0.2", "1/3", "1e16", "1e15+0.5", "123456789*987654321", "9007199254740991", "1 < 2 == True", "not 1 == 2", "-1 ** 2", "2 * 3 % 4", "10 - 3 - 2", "100 // 7 * 7", "1 if 0 else 2 if 0 else 3", "0 or 1 and 2", "1 in [1] == True", "max(1, 2) * min(3, 4)",
    "round(0.5)", "round(1.5)", "round(-0.4)", "round(1e300)", "int(1e15)", "abs(True)", "max('a','b')", "max(1,'b')", "len(())", "str('x')", "str(None)", "float('inf')", "-float('inf')", "float('nan')", "int(float('inf'))", "[1,[2,3]][1][0]", "'%d' % 3", "1 @ 2", "f'x'", "None + 1", "[1] < [2]", "(1,2) == [1,2]",
]

TWICE = tree(config="defaults:\n  - db: mysql\n  - cache: null\n  - _self_\nseed: 1\n")
TREES += [(f"twice: {' '.join(lines)}", TWICE, "config", lines) for lines in [
    ["db=pg", "db=mysql"], ["db=mysql", "db=pg"], ["db=nothing", "db=pg"], ["db=pg", "db=nothing"], ["db=pg", "seed=2", "db=small", "seed=3"],
    ["db=[pg,mysql]", "db=pg"], ["cache=redis", "cache=none"], ["db=pg", "~db"], ["~db", "db=pg"], ["~db=pg", "~db=mysql"], ["~db", "~db=pg"],
    ["+db@second=pg", "+db@second=mysql"], ["+db@second=pg", "+db@third=mysql"], ["db=1", "db=pg"],
]]
REFERS = "m: {a: 1, b: {c: 2, d: 3}}\nr: ${m}\nq: ${r.b}\nmade: '${oc.create:{a: 1}}'\nl: {s: '${..m.b}'}\n"
TREES += [(f"reference: {line}", config(REFERS), "config", [line]) for line in [
    "~r.a", "~r", "~r.b.c", "~q.c", "~q.c=2", "~q.c=3", "~q.nope", "~m.a", "~l.s.c", "~l.s", "~made.nope",
]]

YAML = [
    "a:\tb\n", "a: b\t\n", "a: b\t# c\n", "a: x\ty\n", "a: \"x\ty\"\n", "a: x #\tc\n", "a:\n  - b\t\n", "a: [1,\t2]\n", "a: 1\n\t\nb: 2\n", "a\t: b\n", "a: |\n  x\ty\n", "a: |\t\n  x\n", "-\ta\n", "a: {b: 1}\t\n", "'a'\t: b\n", "a: 'x'\t\n", "a: &x\tb\n",
    "a: x\x07y\n", "a: x\x7fy\n", "a: '\x1b'\n", "a: \ufffe\n", "a: \U0001f600\n", "a: \x80\n", "a: =\n", "a: [=]\n", "a: '='\n", "=: 1\n", "a: <<\n", "a: [<<]\n", "a: !!str =\n",
    "a: b\r\nc: d\r\n", "a: b\r\nc: d\r", "a: 1\rb: 2\r", "a: |\r\n  x\r\n  y\r\n", "a: 'x\r\n  y'\r\n", "a: \"x\\r\"\n",
    "x:\n  a: [\n    1,\n]\n", "x:\n  - a: [\n    1\n  ]\n", "a: [\n1,\n2\n]\n", "a: {\nb: 1\n}\n", "x:\n  - a: [\n1, {b:\n2}\n]\n    c: 3\n  - 4\nd: 5\n", "x:\n  y:\n    a: [1,\n 2]\n    b: 3\n", "a: [x\ny]\n", "a: [\n# c\n1]\nb: 1\n",
    "a: 'x\ny'\n", "x:\n  a: 'x\ny'\n  b: 1\n", "x:\n  - \"x\n\n y\"\n  - 2\n", "a: 'x\n---\ny'\n", "'a\nb': 1\n", "a: x\ny\n", "a: [1\nb: 2\n", "a: [1\n---\n]\n", "a: [\n- 1\n]\n", "x:\n- a: 'b\n  c'\n- [\n1]\n",
]
TREES += [(f"yaml {text!r}", {"config.yaml": text}, "config", []) for text in YAML]


def cases():
    """Every case as tools/reference/hydra_compose.py takes it, with a title."""
    def case(title, files, name="config", overrides=(), **more):
        return {"title": title, "files": files, "name": name, "overrides": list(overrides), "env": ENV, **more}

    yield from (case(f"override {text}", DB, overrides=[text]) for text in OVERRIDES)
    yield from (case(title, files, name, overrides) for title, files, name, overrides in TREES)
    yield from (case(f"old {title}", files, **OLD) for title, files in OLD_TREES)
    yield from (case(f"sweep {' '.join(line)}", DB, overrides=line, kind="sweep") for line in SWEEPS)
    yield from (case(f"tree {' '.join(line)}", DB, overrides=line, kind="tree") for line in TREE_LINES)
    nested = tree(config="defaults:\n  - a: one\n  - optional nope: x\n  - db: null\n  - base\n  - _self_\n", base="x: 1\n", a__one="defaults:\n  - b: two\n  - /cache@q: redis\n  - _self_\nx: 1\n", a__b__two="y: 2\n")
    yield case("tree nested", nested, kind="tree")
    yield case("tree sub-folder", tree(exp__one="defaults:\n  - /db: mysql\n  - _self_\nx: 2\n"), "exp/one", kind="tree")
    yield from ({"title": f"scalar {text}", "kind": "scalar", "text": text} for text in SCALARS)
    yield from ({"title": f"eval {text}", "kind": "eval", "text": text} for text in EXPRESSIONS)
