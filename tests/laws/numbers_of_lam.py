"""numbers.py - what a number of lam is, in Fractions: the rules and nothing else

A number is below 10^38 in magnitude, with at most 38 decimals and 38 significant
digits.  A numeral with more is rounded half to even; one of 10^38 or more is no
number.  A scalar operator rounds its result in the same way, an aggregate adds exactly
and rounds once.  None is NULL.
"""
import re
from fractions import Fraction

DIGITS = 38
LIMIT = 10 ** DIGITS
E18 = 10 ** 18
NUMERAL = re.compile(r"([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?")


def rounded(x):
    """X with 38 digits and 38 decimals, half to even; None from 10^38 on."""
    if E18 % x.denominator == 0 and -E18 < x.numerator < E18:
        return x  # it has the room
    whole = abs(x.numerator) // x.denominator
    if whole >= LIMIT:
        return None
    decimals = DIGITS - (len(str(whole)) if whole else 0)
    m = round(x * 10 ** decimals)
    return None if abs(m) >= LIMIT * 10 ** decimals else Fraction(m, 10 ** decimals)


def read(text):
    """The number a field's text means, or None."""
    m = NUMERAL.fullmatch(text)
    if not m or not (m[2] or m[3]):
        return None
    decimals, exponent = len(m[3] or ""), int(m[4] or 0)
    digits = (m[2] + (m[3] or "")).lstrip("0")
    if not digits or len(digits) - decimals + exponent < -DIGITS - 2:
        return Fraction(0)
    if len(digits) - decimals + exponent > DIGITS + 1:
        return None
    x = Fraction(int(digits)) * Fraction(10) ** (exponent - decimals)
    return rounded(-x if m[1] == "-" else x)


def shown(x):
    """Decimal digits, no exponent, no zeros at the end."""
    decimals = 0 if x.denominator == 1 else places(x)
    m = abs(x.numerator) * 10 ** decimals // x.denominator
    text = str(m).rjust(decimals + 1, "0")
    if decimals:
        text = text[:-decimals] + "." + text[-decimals:]
    return "-" + text if x < 0 else text


def places(x):
    """Decimals of X, without zeros at the end."""
    n, d = 0, x.denominator
    while d % 10 == 0:
        n, d = n + 1, d // 10
    two = five = 0
    while d % 2 == 0:
        two, d = two + 1, d // 2
    while d % 5 == 0:
        five, d = five + 1, d // 5
    if d != 1:
        raise ValueError("not a decimal")
    return n + max(two, five)


def magnitude(x):
    """The place of the first digit: 0 for 1 to 9.99, -1 for 0.1 to 0.99."""
    a, e = abs(x), len(str(abs(x.numerator))) - len(str(x.denominator))
    return e if a >= Fraction(10) ** e else e - 1


def toward_zero(x):
    return Fraction(-(-x.numerator // x.denominator) if x < 0
                    else x.numerator // x.denominator)


def half_away(x, decimals=0):
    p = Fraction(10) ** decimals
    y = abs(x) * p + Fraction(1, 2)
    y = Fraction(y.numerator // y.denominator) / p
    return -y if x < 0 else y


def quotient(a, b):
    """With the most decimals of: 12, those of A and B, and 17 digits; half to even."""
    if a == 0:
        return a
    x = a / b
    if rounded(x) is None:
        return None
    room = min(DIGITS, DIGITS - 1 - max(magnitude(x), -1))
    decimals = min(room, max(12, places(a), places(b), 16 - magnitude(x)))
    return rounded(Fraction(round(x * 10 ** decimals), 10 ** decimals))


def near_quotient(got, x):
    """Has GOT at least 12 decimals and 17 digits of the quotient X, where 38 allow?"""
    if rounded(x) is None or got is None:
        return rounded(x) is None and got is None
    if x == 0:
        return got == 0
    decimals = min(DIGITS, DIGITS - 1 - max(magnitude(x), -1), max(12, 16 - magnitude(x)))
    step = Fraction(1, 10 ** decimals)
    return got == x if (x / step).denominator == 1 else abs(got - x) <= step / 2


# -------------------------------------------------- operators, NULL for NULL

def strict(f):
    return lambda *a: None if None in a else f(*a)


plus = strict(lambda a, b: rounded(a + b))
minus = strict(lambda a, b: rounded(a - b))
times = strict(lambda a, b: rounded(a * b))
whole = strict(lambda a, b: None if b == 0 else rounded(toward_zero(a / b)))
over = strict(lambda a, b: None if b == 0 else quotient(a, b))
rest = strict(lambda a, b: None if b == 0 else rounded(a - b * toward_zero(a / b)))
negated = strict(lambda a: -a)
magnitude_of = strict(abs)
sign = strict(lambda a: Fraction((a > 0) - (a < 0)))
floor = strict(lambda a: rounded(Fraction(a.numerator // a.denominator)))
ceil = strict(lambda a: rounded(Fraction(-(-a.numerator // a.denominator))))
trunc = strict(toward_zero)
away = strict(lambda a, d=0: rounded(half_away(a, d)))
