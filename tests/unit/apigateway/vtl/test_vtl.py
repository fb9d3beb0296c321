"""Templates are read and rendered as Velocity does.

https://velocity.apache.org/engine/1.7/vtl-reference.html
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.apigateway.vtl import RenderingError, parse_template
from emulator.apigateway.vtl.values import from_json
from emulator.errors import TemplateError


def render(text, **variables):
    return parse_template(text, "Api GET /x").render(variables)


@pytest.mark.parametrize(
    "text",
    ["", "plain", "a $ b", "$1.00", "#fff", "# no", "50%", "{}", "a\\b", "$", "#", "#unknown(1)"],
)
def test_text_stands_as_it_is(text):
    """What is no reference and no directive is text."""
    assert render(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$name", "Ann"),
        ("${name}s", "Anns"),
        ("$name.", "Ann."),
        ("$!name", "Ann"),
        ("$!{name}", "Ann"),
        ("$missing", "$missing"),
        ("${missing.more}", "${missing.more}"),
        ("$!missing", ""),
        ("$user.missing", ""),
        ("$user.first-name", "A"),
        ("$user.tags[1] $user.tags[-1] $user.tags[9]", "b b "),
        ("$user['first-name']", "A"),
        ("$user.tags.size()", "2"),
        ("\\$name", "$name"),
        ("${name", "${name"),
    ],
)
def test_references(text, expected):
    """Plain, formal and quiet; members, indexes and methods; an undefined one is written out."""
    variables = {"name": "Ann", "user": {"first-name": "A", "tags": ["a", "b"]}}

    assert render(text, **variables) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"foo": "bar"}, "{foo=bar}"),
        ({"a": 1, "b": [{"c": 5}], "d": None}, '{a=1, b=[{"c":5}], d=null}'),
        ([1, "x", {"y": True}], '[1,"x",{"y":true}]'),
        (True, "true"),
        (1.5, "1.5"),
    ],
)
def test_json_is_spelled_as_recorded(value, expected):
    """A map is Java's, a list is JSON, also within a map.

    https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_integrations.py
    (``test_input_path_template_formatting``)
    """
    assert render("$value", value=from_json(value)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("1.5 + 1", "2.5"),
        ("7.0 / 2", "3.5"),
        ('"a" + 1', "a1"),
        ("1 == 1", "true"),
        ("1 eq '1'", "true"),
        ("'a' != 'b'", "true"),
        ("null == null", "true"),
        ("null == 0", "false"),
        ("1 < 2 && 2 <= 2 and 3 > 2 && 3 ge 3", "true"),
        ("false || 1 == 2 or 3 lt 2", "false"),
        ("!false", "true"),
        ("not (1 gt 2)", "true"),
        ("['a', 1, true]", "[a, 1, true]"),
        ("[]", "[]"),
        ("[1..3]", "[1, 2, 3]"),
        ("[3..1]", "[3, 2, 1]"),
        ("{'a': 1, \"b\": [2]}", "{a=1, b=[2]}"),
        ("{}", "{}"),
        ("'it''s $x'", "it's $x"),
        ('"${x}s ""quoted"""', 'vs "quoted"'),
        ("$x", "v"),
    ],
)
def test_expressions(expression, expected):
    """Java's arithmetic, Velocity's operators and literals."""
    assert render(f"#set($result = {expression})$result", x="v") == expected


@pytest.mark.parametrize("expression", ["1 / 0", "1 % 0", "'a' - 1", "'a' < 'b'", "$x.y"])
def test_null_is_not_assigned(expression):
    """What has no value leaves the variable as it was."""
    assert render(f"#set($r = 'old')#set($r = {expression})$r") == "old"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$yes", "first"),
        ("$empty", "first"),
        ("$x == 2", "first"),
        ('"$x" == "2"', "first"),
        ("$no || $yes", "first"),
        ("$no", "second"),
        ("$missing", "second"),
    ],
)
def test_conditions(condition, expected):
    """Only null and false are false."""
    text = f"#if({condition})first#{{else}}second#end"

    assert render(text, yes=True, no=False, empty="", x=2) == expected


@pytest.mark.parametrize(("x", "expected"), [(1, "one"), (2, "two"), (3, "many")])
def test_branches(x, expected):
    """The first branch whose condition is true, else the last."""
    assert render("#if($x == 1)one#elseif($x == 2)two#{else}many#end", x=x) == expected


def test_loop():
    """Items in order, with ``$foreach``; the variables are gone afterwards."""
    text = (
        "#foreach($i in $items)$foreach.index/$velocityCount:$i"
        "#if($foreach.hasNext), #end#end $i $foreach"
    )

    assert render(text, items=["a", "b"]) == "0/1:a, 1/2:b $i $foreach"


def test_nested_loops_keep_their_own_place():
    """The outer loop goes on where it was."""
    text = "#foreach($i in [1..2])#foreach($j in ['a','b'])$i$j#end|$foreach.count#end"

    assert render(text) == "1a1b|12a2b|2"


def test_a_map_is_looped_by_its_values():
    """As in Velocity; its keys come from ``keySet()``."""
    text = "#foreach($v in $map)$v#end #foreach($k in $map.keySet())$k=$map.get($k);#end"

    assert render(text, map={"a": 1, "b": 2}) == "12 a=1;b=2;"


def test_break_and_stop():
    """``#break`` leaves the loop, ``#stop`` the template."""
    assert render("#foreach($i in [1..9])#if($i == 3)#break#end$i#end.") == "12."
    assert render("a#stop b") == "a"


def test_a_loop_ends_at_a_thousand():
    """API Gateway's own limit.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    assert len(render("#foreach($i in $items)x#end", items=["a"] * 2000)) == 1000


def test_set_members():
    """Members of maps and items of lists can be set; setting a member of nothing does nothing."""
    context = {"responseOverride": {"header": {}}}
    text = (
        "#set($context.responseOverride.status = 444)"
        "#set($context.responseOverride.header['X-A'] = 'b')"
        "#set($list.add('x') = 1)#set($list[0] = 'c')#set($list[9] = 'd')"
        "#set($none.member = 1)#set($x = $list.add('e'))"
    )

    output = render(text, context=context, list=(items := ["a"]))

    assert output == ""
    assert context == {"responseOverride": {"header": {"X-A": "b"}, "status": 444}}
    assert items == ["c", "e"]


def test_set_within_a_line():
    """A ``#set`` after a reference takes nothing of its line but itself."""
    assert render("$a #set($b = 1)$b", a="x") == "x 1"


def test_directives_take_their_line():
    """Nothing is left of a line that has only a directive."""
    text = "{\n  #set($a = 1)\n#if($a == 1)\n  x\n#else\n  y\n#end\n## comment\n}#* block\n *#"

    assert render(text) == "{\n  x\n}"


def test_unparsed_text():
    """``#[[ … ]]#`` is written as it stands."""
    assert render("#[[$a #if]]#") == "$a #if"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("$s.length()", "5"),
        ("$s.substring(1)", "ello"),
        ("$s.substring(1, 3)", "el"),
        ("$s.charAt(0)", "h"),
        ("$s.contains('ell')", "true"),
        ("$s.equals('hello')", "true"),
        ("$s.equalsIgnoreCase('HELLO')", "true"),
        ("$s.startsWith('he') $s.endsWith('lo')", "true true"),
        ("$s.indexOf('l') $s.lastIndexOf('l')", "2 3"),
        ("$s.replace('l', 'L')", "heLLo"),
        ("$s.replaceAll('(l)', '<$1>')", "he<l><l>o"),
        ("$s.replaceFirst('l', '')", "helo"),
        ("$s.matches('h.*')", "true"),
        ("$s.toUpperCase() $s.toLowerCase() $s.trim() $s.concat('!')", "HELLO hello hello hello!"),
        ("$s.split('l')", "[he, , o]"),
        ("$s.split('o') $s.split('x')", "[hell] [hello]"),
        ("$s.isEmpty()", "false"),
        ("$l.get(0) $l.contains('b') $l.indexOf('b') $l.indexOf('z')", "a true 1 -1"),
        ("$l.isEmpty() $l.remove(0) $l.addAll(['c']) $l", "false a true [b, c]"),
        ("$m.containsKey('k') $m.containsValue('v') $m.isEmpty()", "true true false"),
        ("$m.values() $m.entrySet() $m.size()", "[v] [{key=k, value=v}] 1"),
        ("$m.put('k', 'w') $!m.putAll({'x': 'y'}) $m $m.remove('x')", "v  {k=w, x=y} y"),
        ("$n.toString()", "5"),
        ("$none.length()", "$none.length()"),
    ],
)
def test_methods(call, expected):
    """Java's methods of strings, lists and maps."""
    variables = {"s": "hello", "l": ["a", "b"], "m": {"k": "v"}, "n": 5}

    assert render(call, **variables) == expected


@pytest.mark.parametrize(
    "call",
    [
        "$s.substring(9)",
        "$s.substring(2, 1)",
        "$s.replaceAll('(', '')",
        "$s.length(1)",
        "$s.size()",
        "$l.get(7)",
        "$l.get(-1)",
        "#set($x = [1..5000])",
        "#set($x = ['a'..2])",
    ],
)
def test_a_method_that_fails_ends_the_rendering(call):
    """Where Java throws, nothing is guessed."""
    with pytest.raises(RenderingError):
        render(call, s="hello", l=["a"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\n#macro(x)#end", "line 2: #macro is not supported"),
        ("#parse('x')", "#parse is not supported"),
        ("$s.getClass()", r"method getClass\(\) is not supported"),
        ("#if($x)", "#end is missing"),
        ("#end", "#end without its beginning"),
        ("#if($x)#else#else#end", "#else must be the last branch"),
        ("#foreach($x in $y)#else#end", "#else in #foreach"),
        ("#foreach($x.y in $z)#end", "#foreach needs a variable"),
        ("#foreach('x' in $z)#end", "#foreach needs a variable"),
        ("#set(x = 1)", "#set needs a reference"),
        ("#set($x 1)", "expected '='"),
        ("#set($x = )", r"expected '\('"),
        ("#set($x = [1 2])", "expected ',' or ']'"),
        ("#set($x = {'a' 1})", "expected ':'"),
        ("#set($x = {'a':1 'b':2})", "expected ',' or '}'"),
        ("$input.json('$..x')", "JSONPath .* is not supported"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(text, problem):
    """A template is read when the gateway starts; nothing is ignored."""
    with pytest.raises(TemplateError, match=rf"Api GET /x: mapping template, .*{problem}"):
        parse_template(text, "Api GET /x")


@given(st.text("$#{}()[].\\'\"!ab1 \n=&|<"))
def test_any_text_is_rendered_or_refused(text):
    """No template breaks the reader."""
    try:
        template = parse_template(text, "x")
    except TemplateError:
        return
    template.render({"a": "b"})


@given(st.text().filter(lambda text: not set(text) & set("$#\\")))
def test_text_without_signs_is_written_as_it_is(text):
    """Only ``$``, ``#`` and a backslash mean anything."""
    assert render(text) == text
