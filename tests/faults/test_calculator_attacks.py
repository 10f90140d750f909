"""Ten thousand attempts to make the calculator do more than arithmetic, or to keep it busy."""

import random
import re
import sys
import time
from collections.abc import Iterator

import pytest

from salon.skills.calculator import INVALID, calculate

ATTACKS = 10_000
SLOWEST = 0.050
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
HARMFUL = ("open", "import", "exec", "os.", "subprocess.", "socket.", "ctypes.", "marshal.", "pickle.")

# The known families: imports, attribute walks, format strings, frames, huge powers, shifts and repetitions.
KNOWN = r"""
__import__('os').system('id')
__import__("subprocess").check_output(["id"])
().__class__.__bases__[0].__subclasses__()
().__class__.__mro__[-1].__subclasses__()[40]('/etc/passwd').read()
[].__class__.__base__.__subclasses__()
''.__class__.__mro__[1].__subclasses__()
"".join(["a"] * 10**9)
(1).__class__.__base__.__subclasses__()
True.__class__.__class__.__base__.__subclasses__()[-1].__init__.func_globals['sys'].exit(1)
(lambda f: f(f))(lambda f: f(f))
(lambda: 0).__globals__['__builtins__']['eval']('1')
getattr(1, '__class__')
eval("1+1")
exec("import os")
compile("1", "x", "eval")
open('/etc/passwd').read()
globals()['__builtins__']
vars()
dir()
help()
breakpoint()
exit()
input()
print(1)
type(1)
isinstance(1, int)
"{0.__class__}".format(1)
"{a.__class__}".format_map({"a": 1})
f"{().__class__}"
f"{'a' * 10**9}"
'%x' % 5
'%1000000000d' % 1
b'a' * 10**9
'a' * 10**9
[0] * 10**9
(0,) * 10**9
(1).from_bytes(("123123123").encode() * 999999, "big")
[x for x in (1, 2)]
{x: 1 for x in (1, 2)}
{**{}}
sum(x for x in range(10**9))
range(10**9)
list(range(10**9))
(y := 1)
x = 1
x += 1
del x
import os
from os import system
assert 0
raise ValueError
while 1: pass
for i in range(9): pass
def f(): return f()
class A: pass
async def f(): await g()
await 1
yield 1
return 1
global x
@a
...
1 .__class__
1..__class__
1.0.hex()
1j.real
pi.__class__
sqrt.__self__
sqrt.__globals__
abs.__self__.open('/etc/passwd')
max.__globals__
round.__self__
sqrt.__call__(4)
sqrt(__import__('os').system('id'))
max(*[1, 2])
max(**{})
max(key=print)
sum([1], start=[])
print.__self__
_power(9, 9)
_bounded(1)
calculate("1")
self.nodes
names['pi']
functions['sqrt']
9**9**9
9**9**9**9**9**9
9**9**8
(9**9)**(9**9)
2**2**2**2**2**2
10**10**10
1.1**10**10
-9**9**9
9**-9**9
1<<25000
1<<10**9
1>>10**9
~1
5 & 3
5 | 3
factorial(10**6)
factorial(factorial(100))
factorial(500)**factorial(500)
factorial(1e300)
comb(10**6, 5*10**5)
comb(10**9, 10**8)
lcm(10**1000, 10**1000+1)**9
gcd(10**1200, 10**1199+7)
exp(exp(exp(exp(9))))
round(1, -10**9)
round(10**1000, -10**9)
round(1.5, 10**9)
floor(1e308)**2
pow(9, 9**9)
pow(2, 10**9, 3)
int('9' * 5000)
int(10**400)
float('nan')
float('inf')
str(9**9)
1e999999999
1e-999999999
0x10000000000000000000000000000000000000000000
0b1111
0o777
99999999999999999999**99999999999999999999
((((((((((1))))))))))**999999
nan
inf
infinity
None
True + True
not not 1
1 and 2
1 or 2
1 if 2 else 3
1 < 2
1 == 1
1 is 1
1 in (1,)
1,2,3
(1, 2)[0]
[1][0]
{1: 2}[1]
{'a': 1}['a']
'a'[0]
"\x5f\x5fimport\x5f\x5f('os')"
\u005f\u005fimport\u005f\u005f
\N{LOW LINE}
$(id)
`id`
;id
|id
&& id
{{7*7}}
${7*7}
<%= 7*7 %>
#{7*7}
=cmd|' /C calc'!A0
=HYPERLINK("http://attacker.example")
' OR 1=1 --
../../etc/passwd
""".strip().splitlines()

WORDS = """
    sqrt max min round abs factorial comb gcd lcm exp log pi e tau sin hypot sum mean floor __import__ __class__ eval
    exec open os sys lambda if else for in not and or is None True import x _ __builtins__
""".strip().split()
SIGNS = ["+", "-", "*", "/", "//", "%", "**", "^", "(", ")", "((", "))", ",", ".", "..", "[", "]", "{", "}", "'", '"']
SIGNS += [
    ":",
    ";",
    "=",
    "==",
    "<",
    "<<",
    ">>",
    "&",
    "|",
    "~",
    "@",
    "#",
    "\\",
    "`",
    "$",
    "!",
    "?",
    "\n",
    "\t",
    "\x00",
    " ",
]
NUMBERS = [
    "0",
    "1",
    "9",
    "9" * 9,
    "9" * 40,
    "9" * 300,
    "1e308",
    "1e-308",
    ".5",
    "5.",
    "0x9",
    "1_0",
    "٣",
    "\uff19",
    "1j",
]
COSTLY = ["9**9**9", "factorial(500)", "10**1200", "comb(4096,2048)", "exp(700)", "lcm(9**999,8**999)", "9**1200"]


def grown(dice: random.Random, depth: int = 0) -> str:
    """An expression that parses, of the most costly that is allowed."""
    if depth > 5 or dice.random() < 0.15:
        return dice.choice([*NUMBERS[:9], *COSTLY, "pi", "e"])
    inner = [grown(dice, depth + 1) for _ in range(dice.randint(1, 3))]
    form = dice.choice(["({0})**({1})", "({0})*({1})", "factorial({0})", "lcm({0},{1})", "comb({0},{1})", "-({0})"])
    return form.format(*(inner * 2))


def attacks() -> Iterator[str]:
    dice = random.Random(4)  # the same attacks on every run
    yield from KNOWN
    yield from ("(" * n + "1" + ")" * n for n in (50, 99, 150, 249))
    yield from ("-" * 499 + "1", "1" + "+1" * 249, "1" + "**1" * 160, "9" * 500, "sqrt(" * 90 + "1" + ")" * 90)
    yield from ("1" * n for n in (5_000, 100_000, 1_000_000))
    yield "(" * 1_000_000
    for number in range(ATTACKS):
        match number % 4:
            case 0:
                yield "".join(dice.choice([*WORDS, *SIGNS, *NUMBERS]) for _ in range(dice.randint(1, 60)))
            case 1:
                yield grown(dice)[:500]
            case 2:
                known = list(dice.choice(KNOWN))
                for _ in range(dice.randint(1, 4)):
                    known.insert(dice.randrange(len(known) + 1), dice.choice([*SIGNS, *NUMBERS, *WORDS]))
                yield "".join(known)
            case _:
                yield f"{dice.choice(['1 + ', 'sqrt(', 'max(1, ', '2 * ('])}{dice.choice(KNOWN)})"


@pytest.fixture
def harm() -> Iterator[list[str]]:
    """What the interpreter was made to do that no sum needs, seen by an audit hook."""
    seen: list[str] = []
    watching = [True]

    def watch(event: str, _arguments: tuple[object, ...]) -> None:
        if watching and event.startswith(HARMFUL):
            seen.append(event)

    sys.addaudithook(watch)
    yield seen
    watching.clear()  # an audit hook stays for ever


@pytest.mark.requirement("S1-12", "H-10")
def test_no_attack_gets_anything_but_a_number_or_a_refusal_and_none_takes_long(harm: list[str]) -> None:
    calculate("1")
    harm.clear()  # the first call may import
    tried, slowest = 0, (0.0, "")
    for attack in attacks():
        before = time.thread_time()
        answer = calculate(attack)
        slowest = max(slowest, (time.thread_time() - before, attack))
        assert answer == INVALID or (NUMBER.fullmatch(answer) and len(answer) < 1_300), attack
        tried += 1
    assert tried > ATTACKS
    assert slowest[0] < SLOWEST, slowest[1][:200]
    assert harm == []


def test_no_known_attack_is_taken_for_a_sum() -> None:
    sums = {attack for attack in KNOWN if calculate(attack) != INVALID}
    assert sums == {"1e-999999999", "floor(1e308)**2"}, "which are sums, and small ones"
