//! Counts that may be shown: a number from 1 to 4 could point to somebody, so it is not shown, nor can it be worked out from the others.

/// The smallest number of people that is shown as a number. Below it, and above none, a reader is told "fewer than 5".
pub const SMALLEST_SHOWN: u64 = 5;

/// One number of a table, before it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub count: u64,
    /// A number that only ties others together and is not on the page.
    pub on_page: bool,
    /// A number that is shown already: it is not taken away again.
    pub known: bool,
}

impl Cell {
    pub fn of(count: u64) -> Self {
        Self {
            count,
            on_page: true,
            known: false,
        }
    }
    /// What a reader has been told elsewhere, whatever else follows from it.
    pub fn known(count: u64) -> Self {
        Self {
            count,
            on_page: true,
            known: true,
        }
    }
    pub fn hidden(count: u64) -> Self {
        Self {
            count,
            on_page: false,
            known: false,
        }
    }
}

/// "This cell is those cells together", by their places in the table. Two sums may share one cell at most: then what a reader can work out is exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    pub total: usize,
    pub parts: Vec<usize>,
}

/// What a reader is told of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Number(u64),
    /// 1 to 4.
    FewerThanFive,
    /// Not shown, because a smaller number could be worked out from it.
    NotShown,
}

impl Shown {
    /// "12", "fewer than 5", "not shown".
    pub fn words(self) -> String {
        match self {
            Self::Number(n) => n.to_string(),
            Self::FewerThanFive => format!("fewer than {SMALLEST_SHOWN}"),
            Self::NotShown => "not shown".to_owned(),
        }
    }
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// The numbers that it may stand for, as far as these words go.
    fn range(self) -> Range {
        match self {
            Self::Number(n) => (n, n),
            Self::FewerThanFive => (1, SMALLEST_SHOWN - 1),
            Self::NotShown => (0, NO_LIMIT),
        }
    }
}

/// Least and most that a reader thinks possible.
type Range = (u64, u64);
/// Stands for "no upper limit": far above any count, and far below overflow.
const NO_LIMIT: u64 = 1 << 40;

/// Decides what is shown of each cell. No number from 1 to 4 is shown, and none that is not shown can be worked out by adding and taking away:
/// for each, at least two values agree with everything else on the page.
///
/// It guards one page at one time. Who notes the numbers each day and compares them can learn more; `docs/measures.md` says so.
pub fn publish(cells: &[Cell], sums: &[Sum]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = cells
        .iter()
        .map(|cell| match cell {
            Cell { on_page: false, .. } => Shown::NotShown,
            Cell {
                known: true, count, ..
            } => Shown::Number(*count),
            Cell { count: 0, .. } => Shown::Number(0),
            Cell { count, .. } if *count < SMALLEST_SHOWN => Shown::FewerThanFive,
            Cell { count, .. } => Shown::Number(*count),
        })
        .collect();
    // Each round takes a number away or makes words vaguer, so it ends.
    while let Some(known) = worked_out(cells, &shown, sums) {
        let Some(next) = next_to_hide(cells, &shown, sums, known) else {
            break;
        };
        shown[next] = Shown::NotShown;
    }
    shown
}

/// A cell whose small number a reader could work out, if there is one.
fn worked_out(cells: &[Cell], shown: &[Shown], sums: &[Sum]) -> Option<usize> {
    let ranges = reader_knows(shown, sums);
    (0..cells.len()).find(|&i| {
        !shown[i].is_number()
            && (1..SMALLEST_SHOWN).contains(&cells[i].count)
            && ranges[i].0 == ranges[i].1
    })
}

/// What a reader can narrow each cell down to, by adding and taking away until nothing more follows.
fn reader_knows(shown: &[Shown], sums: &[Sum]) -> Vec<Range> {
    let mut ranges: Vec<Range> = shown.iter().map(|s| s.range()).collect();
    loop {
        let before = ranges.clone();
        for sum in sums {
            let least: u64 = sum.parts.iter().map(|&p| ranges[p].0).sum();
            let most: u64 = sum.parts.iter().map(|&p| ranges[p].1).sum();
            narrow(&mut ranges[sum.total], (least, most));
            let total = ranges[sum.total];
            for &part in &sum.parts {
                let (own_least, own_most) = ranges[part];
                let others_least: u64 =
                    sum.parts.iter().map(|&p| ranges[p].0).sum::<u64>() - own_least;
                let others_most: u64 =
                    sum.parts.iter().map(|&p| ranges[p].1).sum::<u64>() - own_most;
                narrow(
                    &mut ranges[part],
                    (
                        total.0.saturating_sub(others_most),
                        total.1.saturating_sub(others_least),
                    ),
                );
            }
        }
        if ranges == before {
            return ranges;
        }
    }
}

fn narrow(range: &mut Range, to: Range) {
    range.0 = range.0.max(to.0);
    range.1 = range.1.min(to.1);
}

/// What to hide next so that `known` is less known: the smallest number beside it in a sum, else the smallest anywhere that is tied to it, else words that say less.
fn next_to_hide(cells: &[Cell], shown: &[Shown], sums: &[Sum], known: usize) -> Option<usize> {
    let in_sum = |sum: &Sum, cell: usize| sum.total == cell || sum.parts.contains(&cell);
    let mut tied = vec![known];
    loop {
        let neighbours: Vec<usize> = (0..cells.len())
            .filter(|&i| {
                !tied.contains(&i)
                    && sums
                        .iter()
                        .any(|sum| in_sum(sum, i) && tied.iter().any(|&t| in_sum(sum, t)))
            })
            .collect();
        // A nought says that nobody is there: it is hidden last.
        let number = neighbours
            .iter()
            .copied()
            .filter(|&i| shown[i].is_number() && !cells[i].known)
            .min_by_key(|&i| (cells[i].count == 0, cells[i].count, i));
        if number.is_some() {
            return number;
        }
        if neighbours.is_empty() {
            // No number is left. The largest of the few is a total, and saying less of it frees its parts.
            return tied
                .into_iter()
                .filter(|&i| shown[i] == Shown::FewerThanFive)
                .max_by_key(|&i| (cells[i].count, i));
        }
        tied.extend(neighbours);
    }
}

/// The 95% interval of a proportion, from 0 to 1: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), with z = 1.959964.
/// `None` where nobody is counted, or where the part is more than the whole.
///
/// Source: Wilson EB, Journal of the American Statistical Association 1927;22:209–212; method 3 of Newcombe RG, Statistics in Medicine 1998;17:857–872.
pub fn wilson(part: u64, all: u64) -> Option<(f64, f64)> {
    if all == 0 || part > all {
        return None;
    }
    let (x, n, z) = (part as f64, all as f64, 1.959_964_f64);
    let p = x / n;
    let middle = p + z * z / (2.0 * n);
    let around = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    Some((
        ((middle - around) / whole).max(0.0),
        ((middle + around) / whole).min(1.0),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(counts: &[u64]) -> Vec<Cell> {
        counts.iter().copied().map(Cell::of).collect()
    }

    fn sum(total: usize, parts: &[usize]) -> Sum {
        Sum {
            total,
            parts: parts.to_vec(),
        }
    }

    #[test]
    fn the_interval_is_that_of_the_published_examples() {
        // Newcombe 1998, table I, method 3.
        for (part, all, least, most) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (from, until) = wilson(part, all).unwrap();
            assert!((from - least).abs() < 0.000_06, "{part} of {all}: {from}");
            assert!((until - most).abs() < 0.000_06, "{part} of {all}: {until}");
        }
        // By hand, for 5 of 10: z² = 3.8415; (0.5 + 0.19207) / 1.38415 = 0.5; 1.95996 × √(0.025 + 0.0096036) / 1.38415 = 0.26341.
        let (from, until) = wilson(5, 10).unwrap();
        assert!((from - 0.23659).abs() < 0.000_05 && (until - 0.76341).abs() < 0.000_05);
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(130, 47), None, "a part is never more than its whole");
    }

    #[test]
    fn one_small_number_takes_the_next_smallest_with_it() {
        // 3 of 40 declined: 40 − 30 − 7 would give it away, so 7 goes too. What is left is 10 in both together.
        let shown = publish(&cells(&[40, 30, 7, 3]), &[sum(0, &[1, 2, 3])]);
        assert_eq!(
            shown,
            [
                Shown::Number(40),
                Shown::Number(30),
                Shown::NotShown,
                Shown::FewerThanFive
            ]
        );
    }

    #[test]
    fn two_small_numbers_that_their_sum_gives_away_are_hidden_further() {
        // 4 and 4 of 8: with both "fewer than 5", 8 leaves only 4 and 4.
        let shown = publish(&cells(&[8, 4, 4]), &[sum(0, &[1, 2])]);
        assert_eq!(
            shown,
            [Shown::NotShown, Shown::FewerThanFive, Shown::FewerThanFive]
        );
        // 2 and 3 of 5: 1 and 4, 2 and 3, 3 and 2, 4 and 1 all fit. Nothing more need go.
        let shown = publish(&cells(&[5, 2, 3]), &[sum(0, &[1, 2])]);
        assert_eq!(shown[0], Shown::Number(5));
    }

    #[test]
    fn where_the_sum_is_known_already_the_tight_pair_says_less() {
        // 4 and 4 of a known 8, with a nought beside them: the nought is left open, so that 8 may be 4 + 3 + 1 too.
        let mut table = vec![Cell::known(8)];
        table.extend(cells(&[4, 4, 0]));
        let shown = publish(&table, &[sum(0, &[1, 2, 3])]);
        assert_eq!(
            shown,
            [
                Shown::Number(8),
                Shown::FewerThanFive,
                Shown::FewerThanFive,
                Shown::NotShown
            ]
        );
        // With nothing beside them, one of the two says less: it may be 4 to 7, and the other 1 to 4.
        let mut table = vec![Cell::known(8)];
        table.extend(cells(&[4, 4]));
        let shown = publish(&table, &[sum(0, &[1, 2])]);
        assert_eq!(shown[0], Shown::Number(8));
        assert_eq!(
            shown[1..].iter().filter(|s| **s == Shown::NotShown).count(),
            1
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn beside_a_known_sum_no_small_number_can_be_worked_out(parts in prop::collection::vec(0u64..9, 3)) {
            let counts = [parts.iter().sum::<u64>(), parts[0], parts[1], parts[2]];
            prop_assume!(counts[0] >= SMALLEST_SHOWN);
            let mut table = vec![Cell::known(counts[0])];
            table.extend(cells(&parts));
            let sums = [sum(0, &[1, 2, 3])];
            let shown = publish(&table, &sums);
            prop_assert_eq!(shown[0], Shown::Number(counts[0]));
            for i in 1..4 {
                if (1..=4).contains(&counts[i]) {
                    prop_assert!(!shown[i].is_number());
                    prop_assert!(could_differ(i, &counts, &shown, &[1, 2, 3], &sums), "{counts:?} {shown:?} gives away {i}");
                }
            }
        }
    }

    #[test]
    fn nought_and_five_are_shown() {
        let shown = publish(&cells(&[5, 5, 0]), &[sum(0, &[1, 2])]);
        assert_eq!(
            shown,
            [Shown::Number(5), Shown::Number(5), Shown::Number(0)]
        );
    }

    #[test]
    fn a_small_number_is_not_given_away_through_a_second_sum() {
        // 20 past the wait are 12 + 8 by state; by speed they are 17 + 3, and the 20 itself is not on the page.
        let table = [
            Cell::hidden(20),
            Cell::of(12),
            Cell::of(8),
            Cell::of(17),
            Cell::of(3),
        ];
        let shown = publish(&table, &[sum(0, &[1, 2]), sum(0, &[3, 4])]);
        assert_eq!(shown[4], Shown::FewerThanFive);
        assert!(
            !(shown[1].is_number() && shown[2].is_number() && shown[3].is_number()),
            "{shown:?}"
        );
    }

    /// Every way to fill the leaves that a reader cannot rule out, by trying them all: nothing of the code above is used.
    fn could_differ(
        cell: usize,
        counts: &[u64],
        shown: &[Shown],
        leaves: &[usize],
        sums: &[Sum],
    ) -> bool {
        const MOST: u64 = 14;
        let fits = |i: usize, n: u64| match shown[i] {
            Shown::Number(m) => n == m,
            Shown::FewerThanFive => (1..=4).contains(&n),
            Shown::NotShown => true,
        };
        let mut tried = vec![0u64; leaves.len()];
        loop {
            let mut values = vec![0u64; counts.len()];
            for (&leaf, &n) in leaves.iter().zip(&tried) {
                values[leaf] = n;
            }
            for s in sums {
                values[s.total] = s.parts.iter().map(|&p| values[p]).sum();
            }
            if values[cell] != counts[cell] && (0..counts.len()).all(|i| fits(i, values[i])) {
                return true;
            }
            let Some(place) = tried.iter().position(|&n| n < MOST) else {
                return false;
            };
            tried[place] += 1;
            tried[..place].fill(0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn no_small_number_is_shown_or_can_be_worked_out(leaves in prop::collection::vec(0u64..9, 4)) {
            // Places: 0 everybody = 1 + 2 + 3; 3 = 4 + 5. Leaves are 1, 2, 4, 5. Sums inner first, so that totals can be filled in.
            let sums = [sum(3, &[4, 5]), sum(0, &[1, 2, 3])];
            let (a, b, c, d) = (leaves[0], leaves[1], leaves[2], leaves[3]);
            let counts = [a + b + c + d, a, b, c + d, c, d];
            let shown = publish(&cells(&counts), &sums);
            for (i, &count) in counts.iter().enumerate() {
                if (1..=4).contains(&count) {
                    prop_assert!(!shown[i].is_number());
                    prop_assert!(could_differ(i, &counts, &shown, &[1, 2, 4, 5], &sums), "{counts:?} {shown:?} gives away {i}");
                } else if let Shown::Number(n) = shown[i] {
                    prop_assert_eq!(n, count);
                } else {
                    prop_assert_eq!(shown[i], Shown::NotShown);
                }
            }
        }

        #[test]
        fn large_numbers_alone_are_all_shown(leaves in prop::collection::vec(5u64..900, 2..6)) {
            let mut counts = vec![leaves.iter().sum()];
            counts.extend(&leaves);
            let parts: Vec<usize> = (1..counts.len()).collect();
            let shown = publish(&cells(&counts), &[Sum { total: 0, parts }]);
            prop_assert!(shown.iter().all(|s| s.is_number()));
        }
    }
}
