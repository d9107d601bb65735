"""Published pools, month by month: the figures of their sources restated."""

from fractions import Fraction

import pytest

from issuer.domain.errors import InvalidInput
from issuer.domain.pool.assumptions import Assumptions, Psa
from issuer.domain.pool.level import level_payment
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.project import PoolPeriod, project_pool

M = 1_000_000
DOLLAR, CENT = M, M // 100

# Berliner, Fabozzi, Bhattacharya, "Measurement of Prepayments for RMBS", Table 1 (selected months).
# $400m, WAC 6.0%, pass-through 5.5%, 358 months left, 2 months seasoned, 100 PSA; whole dollars.
# Month, balance, payment, net interest, scheduled, prepaid, principal, cash flow.
PASS_THROUGH = """
1 400000000 2402998 1833333 402998 200350 603349 2436682
2 399396651 2401794 1830568 404810 266975 671785 2502353
3 398724866 2400187 1827489 406562 333463 740025 2567514
4 397984841 2398177 1824097 408253 399780 808033 2632130
5 397176808 2395766 1820394 409882 465892 875773 2696167
6 396301034 2392953 1816380 411447 531764 943211 2759591
10 392127117 2377698 1797249 417063 792172 1209235 3006484
12 389643247 2367686 1785865 419470 920057 1339527 3125391
20 377159941 2312095 1728650 426296 1410023 1836319 3564968
24 369465030 2275288 1693381 427962 1638590 2066553 3759934
27 363100276 2243928 1664210 428427 1801315 2229742 3893952
28 360870534 2232783 1653990 428430 1853758 2282189 3936178
29 358588346 2221300 1643530 428358 1842021 2270379 3913909
30 356317967 2209875 1633124 428286 1830345 2258631 3891755
100 223414587 1540329 1023984 423256 1146847 1570104 2594087
105 215645111 1501125 988373 422900 1106891 1529790 2518164
200 100719066 919770 461629 416174 515859 932033 1393662
205 96107283 896360 440492 415823 492142 907966 1348457
300 28001417 549218 128340 409211 141907 551118 679457
305 25274710 535239 115842 408865 127885 536751 652593
350 3725850 424402 17077 405773 17075 422848 439925
357 812613 409357 3724 405294 2095 407388 411113
358 405224 407251 1857 405225 0 405225 407082
"""

# Fabozzi, Jones (MIT Press), ch. 30, table 30.7: principal at 90 and at 300 PSA, to the cent.
# $400m, WAC 8.125%, 357 months left, 3 months seasoned. Month, at 90 PSA, at 300 PSA.
PAC_COLLATERAL = """
1 508169.52 1075931.20
2 569843.43 1279412.11
3 631377.11 1482194.45
4 692741.89 1683966.17
5 753909.12 1884414.62
6 814850.22 2083227.31
7 875536.68 2280092.68
8 935940.10 2474700.92
9 996032.19 2666744.77
10 1055784.82 2855920.32
11 1115170.01 3041927.81
12 1174160.00 3224472.44
13 1232727.22 3403265.17
14 1290844.32 3578023.49
15 1348484.24 3748472.23
16 1405620.17 3914344.26
17 1462225.60 4075381.29
18 1518274.36 4231334.57
101 1458719.34 1510072.17
102 1452725.55 1484126.59
103 1446761.00 1458618.04
104 1440825.55 1433539.23
105 1434919.07 1408883.01
211 949482.58 213309.00
212 946033.34 209409.09
213 942601.99 205577.05
346 618684.59 13269.17
347 617071.58 12944.51
348 615468.65 12626.21
350 612292.88 12008.25
357 601489.39 10029.78
"""

# Excel's PMT as carried in QuantLib's test suite (amortizingbond.cpp): 100 over 360 months.
LEVEL_PAYMENTS = """
0 0.277777778
1 0.32163952
2 0.369619473
3 0.421604034
4 0.477415295
5 0.536821623
6 0.599550525
7 0.665302495
8 0.733764574
9 0.804622617
10 0.87757157
11 0.952323396
12 1.028612597
"""


def _mortgages(rate: str, remaining: int, age: int) -> Loan:
    balance = 400_000_000 * M
    return Loan(id="pool", balance=balance, rate=Fraction(rate), remaining=remaining, age=age)


def _at_psa(loan: Loan, multiple: int) -> tuple[PoolPeriod, ...]:
    terms = Assumptions(prepayment=Psa(Fraction(multiple, 100)))
    return project_pool([loan], terms, months(loan.remaining))


@pytest.fixture(scope="module")
def pass_through() -> tuple[PoolPeriod, ...]:
    return _at_psa(_mortgages("0.06", 358, 2), 100)


@pytest.mark.parametrize("line", PASS_THROUGH.split("\n")[1:-1])
def test_a_pass_through_at_100_psa_as_published(line: str, pass_through: list[PoolPeriod]) -> None:
    month, *published = map(int, line.split())
    row = pass_through[month - 1]
    net_interest = row.opening * Fraction("0.055") / 12
    ours = (
        *(row.opening, row.interest + row.scheduled, net_interest, row.scheduled, row.prepaid),
        *(row.principal, row.principal + net_interest),
    )
    assert all(
        abs(round(Fraction(mine, DOLLAR)) - theirs) <= 1
        for mine, theirs in zip(ours, published, strict=True)
    )


@pytest.mark.parametrize("multiple", [90, 300])
def test_principal_of_pac_collateral_as_published_to_the_cent(multiple: int) -> None:
    rows = _at_psa(_mortgages("0.08125", 357, 3), multiple)
    for line in PAC_COLLATERAL.split("\n")[1:-1]:
        month, slow, fast = line.split()
        published = Fraction(slow if multiple == 90 else fast)
        assert round(Fraction(rows[int(month) - 1].principal, CENT)) == published * 100, month
    assert rows[-1].closing == 0


def test_the_collateral_of_a_sequential_structure_at_165_psa() -> None:
    """Fabozzi, Jones, ch. 30, CMO-1: months 1 and 81, pass-through rate 7.5%, whole dollars."""
    rows = _at_psa(_mortgages("0.08125", 357, 3), 165)
    net = [row.opening * Fraction("0.075") / 12 for row in rows]
    assert (round(Fraction(rows[0].principal, M)), net[0]) == (709_923, 2_500_000 * M)
    assert int(Fraction(rows[80].principal, M)) == 2_032_196  # printed cut off, not rounded
    assert round(net[80] / M) == 1_286_325
    assert round((rows[80].principal + net[80]) / M) == 3_318_521


@pytest.mark.parametrize("line", LEVEL_PAYMENTS.split("\n")[1:-1])
def test_level_payments_as_published(line: str) -> None:
    percent, published = line.split()
    payment = level_payment(100, Fraction(percent) / 1200, 360)
    assert abs(payment - Fraction(published)) < Fraction(1, 10**9)


def test_a_level_payment_is_exact() -> None:
    assert level_payment(100, Fraction(1, 10), 2) == Fraction(121, 210) * 100


@pytest.mark.parametrize(("rate", "n"), [("0.1", 0), ("-0.1", 12)])
def test_no_level_payment_without_periods_or_at_a_negative_rate(rate: str, n: int) -> None:
    with pytest.raises(InvalidInput, match="level payment"):
        level_payment(100, Fraction(rate), n)
