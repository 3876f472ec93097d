//! Cases that need nothing but the store itself; each opening is another connection to the same data.

use fhir_ehr::{Lease, RecordIndex, RecordKind, RecordQuery, RecordWrite, Store, StoredRecord, WriteOutcome};
use std::sync::Barrier;

/// Opens the same data once more, as another process would.
pub type Open<'a> = &'a (dyn Fn() -> Box<dyn Store> + Sync);

type Case = fn(Open<'_>);

pub const CASES: &[(&str, Case)] = &[
    ("versions", versions),
    ("batch, all or nothing", batch_all_or_nothing),
    ("expired is absent", expired_is_absent),
    ("purge", purge),
    ("scan: filters", scan_filters),
    ("scan: pages", scan_pages),
    ("bytes, small and large", bytes),
    ("empty texts", empty_texts),
    ("keys by bytes", keys_by_bytes),
    ("leases", leases),
    ("no lost update", no_lost_update),
    ("opposite orders", opposite_orders),
];

pub fn record(kind: RecordKind, key: &str, sealed: &[u8]) -> StoredRecord {
    let index = RecordIndex { organization: "o".into(), project: "p".into(), ..RecordIndex::default() };
    StoredRecord { kind, key: key.into(), index, expires_in: None, version: 0, sealed: sealed.into() }
}

pub fn put(kind: RecordKind, key: &str, expected: i64) -> RecordWrite {
    RecordWrite::Put { record: record(kind, key, key.as_bytes()), expected }
}

pub fn delete(kind: RecordKind, key: &str, expected: i64) -> RecordWrite {
    RecordWrite::Delete { kind, key: key.into(), expected }
}

pub fn of_organization() -> RecordQuery {
    RecordQuery { organization: "o".into(), ..RecordQuery::default() }
}

fn done(store: &dyn Store, batch: &[RecordWrite]) {
    assert_eq!(store.write(batch).unwrap(), WriteOutcome::Done);
}

fn conflict(store: &dyn Store, batch: &[RecordWrite], number: usize) {
    assert_eq!(store.write(batch).unwrap(), WriteOutcome::Conflict(number));
}

pub fn keys(
    store: &dyn Store,
    kind: RecordKind,
    query: &RecordQuery,
    after: Option<&str>,
    limit: usize,
) -> Vec<String> {
    store.scan(kind, query, after, limit).unwrap().into_iter().map(|found| found.key).collect()
}

fn versions(open: Open<'_>) {
    let (one, two) = (open(), open());
    for kind in RecordKind::ALL {
        assert_eq!(one.get(kind, "k").unwrap(), None);
        conflict(&*one, &[put(kind, "k", 1)], 0);
        done(&*one, &[put(kind, "k", 0)]);
        assert_eq!(two.get(kind, "k").unwrap(), Some(StoredRecord { version: 1, ..record(kind, "k", b"k") }));
        conflict(&*two, &[put(kind, "k", 0)], 0);
        let index = RecordIndex {
            organization: "o2".into(),
            project: "p2".into(),
            subject: "s".into(),
            state: "t".into(),
        };
        let other = StoredRecord {
            index,
            expires_in: Some(9_999),
            sealed: b"new".to_vec(),
            ..record(kind, "k", b"")
        };
        done(&*two, &[RecordWrite::Put { record: other.clone(), expected: 1 }]);
        let found = one.get(kind, "k").unwrap().unwrap();
        assert_eq!(found, StoredRecord { version: 2, expires_in: found.expires_in, ..other });
        assert!((9_900..=9_999).contains(&found.expires_in.unwrap()), "{:?}", found.expires_in);
        conflict(&*one, &[put(kind, "k", 1)], 0);
        conflict(&*one, &[put(kind, "k", 3)], 0);
        conflict(&*one, &[put(kind, "k", -1)], 0);
        done(&*one, &[put(kind, "k", 2)]);
        assert_eq!(one.get(kind, "k").unwrap(), Some(StoredRecord { version: 3, ..record(kind, "k", b"k") }));
        conflict(&*one, &[delete(kind, "k", 0)], 0);
        conflict(&*one, &[delete(kind, "k", 2)], 0);
        done(&*two, &[delete(kind, "k", 3)]);
        assert_eq!(one.get(kind, "k").unwrap(), None);
        conflict(&*one, &[delete(kind, "k", 3)], 0);
        done(&*one, &[delete(kind, "k", 0)]);
        done(&*one, &[put(kind, "k", 0)]);
        assert_eq!(two.get(kind, "k").unwrap().unwrap().version, 1);
    }
}

fn batch_all_or_nothing(open: Open<'_>) {
    let store = open();
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        done(&*store, &[]);
        done(&*store, &[put(kind, "a", 0), put(kind, "b", 0), put(kind, "c", 0)]);
        let batch = [put(kind, "a", 1), delete(kind, "b", 1), put(kind, "c", 9), put(kind, "d", 0)];
        conflict(&*store, &batch, 2);
        conflict(&*store, &[put(kind, "d", 0), put(kind, "e", 0), put(kind, "a", 0)], 2);
        let left: Vec<_> = store.scan(kind, &of_organization(), None, 9).unwrap();
        assert_eq!(
            left.iter().map(|r| (r.key.as_str(), r.version)).collect::<Vec<_>>(),
            [("a", 1), ("b", 1), ("c", 1)]
        );
        // The parts follow one another: a later one meets what an earlier one left.
        let batch = [put(kind, "a", 1), put(kind, "a", 2), delete(kind, "b", 1), put(kind, "b", 0)];
        done(&*store, &batch);
        assert_eq!(store.get(kind, "a").unwrap().unwrap().version, 3);
        conflict(&*store, &[put(kind, "x", 0), put(kind, "x", 0)], 1);
        assert_eq!(store.get(kind, "x").unwrap(), None);
        // What one batch may hold at least.
        let many: Vec<RecordWrite> = (0..600).map(|number| put(kind, &format!("many{number}"), 0)).collect();
        done(&*store, &many);
        assert_eq!(store.scan(kind, &of_organization(), None, 999).unwrap().len(), 603);
    }
    // A record's binding and its rows are kept together.
    let of_a_pull = [RecordKind::RecordBinding, RecordKind::PulledRow, RecordKind::StagedRow];
    conflict(
        &*store,
        &[
            put(RecordKind::RecordBinding, "p", 0),
            put(RecordKind::PulledRow, "p", 0),
            put(RecordKind::StagedRow, "p", 1),
        ],
        2,
    );
    assert!(of_a_pull.iter().all(|kind| store.get(*kind, "p").unwrap().is_none()));
    done(&*store, &of_a_pull.map(|kind| put(kind, "p", 0)));
    done(&*store, &of_a_pull.map(|kind| delete(kind, "p", 1)));
    assert!(of_a_pull.iter().all(|kind| store.get(*kind, "p").unwrap().is_none()));
}

fn dying(kind: RecordKind, key: &str, expires_in: i64, expected: i64) -> RecordWrite {
    RecordWrite::Put {
        record: StoredRecord { expires_in: Some(expires_in), ..record(kind, key, b"x") },
        expected,
    }
}

fn expired_is_absent(open: Open<'_>) {
    let store = open();
    for kind in [RecordKind::PendingLaunch, RecordKind::StagedRow] {
        done(&*store, &[dying(kind, "a", -1, 0), dying(kind, "b", 0, 0), dying(kind, "c", 600, 0)]);
        assert_eq!(store.get(kind, "a").unwrap(), None);
        assert_eq!(store.get(kind, "b").unwrap(), None);
        assert_eq!(keys(&*store, kind, &of_organization(), None, 9), ["c"]);
        // Neither changed nor deleted at its old version; made anew it begins at 1.
        conflict(&*store, &[put(kind, "a", 1)], 0);
        conflict(&*store, &[delete(kind, "a", 1)], 0);
        done(&*store, &[delete(kind, "a", 0), put(kind, "b", 0)]);
        assert_eq!(store.get(kind, "b").unwrap().unwrap().version, 1);
        conflict(&*store, &[put(kind, "b", 0)], 0);
        // A living one ends when it is written so.
        done(&*store, &[dying(kind, "c", -5, 1)]);
        assert_eq!(store.get(kind, "c").unwrap(), None);
        // A conflict leaves an expired one as it was as well.
        done(&*store, &[dying(kind, "d", -1, 0)]);
        conflict(&*store, &[put(kind, "d", 0), put(kind, "b", 0)], 1);
        assert_eq!(store.get(kind, "d").unwrap(), None);
    }
}

fn purge(open: Open<'_>) {
    let store = open();
    assert_eq!(store.purge_expired().unwrap(), 0);
    for kind in RecordKind::ALL {
        let batch =
            [dying(kind, "a", -1, 0), dying(kind, "b", 0, 0), dying(kind, "c", 600, 0), put(kind, "d", 0)];
        done(&*store, &batch);
    }
    // The fence of a lease that has ended survives.
    let lease = store.acquire_lease("l", "one", 0).unwrap().unwrap();
    assert_eq!(store.purge_expired().unwrap(), 2 * RecordKind::ALL.len());
    assert_eq!(store.purge_expired().unwrap(), 0);
    assert!(store.acquire_lease("l", "two", 0).unwrap().unwrap().fence > lease.fence);
    for kind in RecordKind::ALL {
        assert_eq!(keys(&*store, kind, &of_organization(), None, 9), ["c", "d"]);
    }
}

fn scan_filters(open: Open<'_>) {
    let store = open();
    for kind in [RecordKind::StagedRow, RecordKind::UserLink] {
        let mut batch = Vec::new();
        let columns = ["o1", "o2"];
        for (o, p, s, t) in (0..16).map(|n| (n & 1, n >> 1 & 1, n >> 2 & 1, n >> 3)) {
            let index = RecordIndex {
                organization: columns[o].into(),
                project: ["p1", "P1"][p].into(),
                subject: ["s1", "s2"][s].into(),
                state: ["pending", "saved"][t].into(),
            };
            let key = format!("{o}{p}{s}{t}");
            batch.push(RecordWrite::Put {
                record: StoredRecord { index, ..record(kind, &key, b"x") },
                expected: 0,
            });
        }
        done(&*store, &batch);
        let query = |project: Option<&str>, subject: Option<&str>, state: Option<&str>| RecordQuery {
            organization: "o1".into(),
            project: project.map(str::to_owned),
            subject: subject.map(str::to_owned),
            state: state.map(str::to_owned),
        };
        let all = |query: &RecordQuery| keys(&*store, kind, query, None, 99);
        assert_eq!(all(&query(None, None, None)).len(), 8);
        assert_eq!(all(&query(Some("p1"), None, None)), ["0000", "0001", "0010", "0011"]);
        assert_eq!(all(&query(Some("P1"), Some("s2"), None)), ["0110", "0111"]);
        assert_eq!(all(&query(Some("p1"), Some("s1"), Some("saved"))), ["0001"]);
        assert_eq!(all(&query(None, None, Some("pending"))), ["0000", "0010", "0100", "0110"]);
        assert_eq!(all(&query(None, Some("s2"), Some("saved"))), ["0011", "0111"]);
        assert!(all(&query(Some(""), None, None)).is_empty());
        assert!(all(&query(Some("p"), None, None)).is_empty());
        assert!(all(&RecordQuery::default()).is_empty());
        assert_eq!(keys(&*store, kind, &query(Some("P1"), None, None), Some("0101"), 99), ["0110", "0111"]);
        assert!(keys(&*store, RecordKind::PendingLaunch, &query(None, None, None), None, 99).is_empty());
    }
}

fn scan_pages(open: Open<'_>) {
    let store = open();
    for kind in [RecordKind::StagedRow, RecordKind::Grant] {
        let wanted: Vec<String> = (0..25).map(|number| format!("k{number:02}")).collect();
        let batch: Vec<RecordWrite> = wanted.iter().rev().map(|key| put(kind, key, 0)).collect();
        done(&*store, &batch);
        let mut found: Vec<String> = Vec::new();
        loop {
            let after = found.last().cloned();
            let page = keys(&*store, kind, &of_organization(), after.as_deref(), 10);
            assert!(page.len() <= 10);
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert_eq!(found, wanted);
        assert!(keys(&*store, kind, &of_organization(), None, 0).is_empty());
        assert_eq!(keys(&*store, kind, &of_organization(), None, 1), ["k00"]);
        assert_eq!(keys(&*store, kind, &of_organization(), Some("k10x"), 2), ["k11", "k12"]);
        assert!(keys(&*store, kind, &of_organization(), Some("z"), 2).is_empty());
    }
}

fn bytes(open: Open<'_>) {
    let (one, two) = (open(), open());
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let every: Vec<u8> = (0..=255).collect();
        let large: Vec<u8> =
            (0..1_048_576_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        let sealed: [(&str, &[u8]); 5] =
            [("every", &every), ("large", &large), ("none", b""), ("zero", b"\0"), ("quote", br"'\\x00'")];
        for (key, sealed) in sealed {
            done(&*one, &[RecordWrite::Put { record: record(kind, key, sealed), expected: 0 }]);
            done(&*one, &[RecordWrite::Put { record: record(kind, key, sealed), expected: 1 }]);
            assert!(two.get(kind, key).unwrap().unwrap().sealed == sealed, "{key}");
        }
        let scanned = two.scan(kind, &of_organization(), None, 9).unwrap();
        assert_eq!(scanned.iter().map(|r| r.sealed.len()).collect::<Vec<_>>(), [256, 1_048_576, 0, 7, 1]);
    }
}

fn empty_texts(open: Open<'_>) {
    let store = open();
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let bare = StoredRecord { index: RecordIndex::default(), ..record(kind, "", b"") };
        let full = RecordIndex {
            organization: String::new(),
            project: "p".into(),
            subject: "s".into(),
            state: "t".into(),
        };
        let full = StoredRecord { index: full, ..record(kind, "k", b"") };
        let batch = [bare.clone(), full].map(|record| RecordWrite::Put { record, expected: 0 });
        done(&*store, &batch);
        assert_eq!(store.get(kind, "").unwrap(), Some(StoredRecord { version: 1, ..bare }));
        assert_eq!(keys(&*store, kind, &RecordQuery::default(), None, 9), ["", "k"]);
        assert_eq!(keys(&*store, kind, &RecordQuery::default(), Some(""), 9), ["k"]);
        let empty = Some(String::new());
        let query = RecordQuery {
            project: empty.clone(),
            subject: empty.clone(),
            state: empty,
            ..RecordQuery::default()
        };
        assert_eq!(keys(&*store, kind, &query, None, 9), [""]);
        done(&*store, &[delete(kind, "", 1)]);
        assert_eq!(keys(&*store, kind, &RecordQuery::default(), None, 9), ["k"]);
    }
}

fn keys_by_bytes(open: Open<'_>) {
    let store = open();
    let long = "\u{1F600}".repeat(64);
    let mut wanted = vec![
        "a",
        "A",
        "a ",
        "a  ",
        "\u{e1}",
        "a\u{301}",
        "\u{c1}",
        "\u{e4}",
        "ae",
        "\u{e6}",
        "ss",
        "\u{df}",
        "Z",
        "z",
        "_",
        "%",
        "\\",
        "'",
        "\"",
        "`",
        ";--",
        "?",
        ":a",
        "$1",
        "0",
        "00",
        "1e1",
        "10",
        "null",
        "\u{fffd}",
        "\u{1f600}",
        "\t",
        "\n",
        &long,
    ];
    let subject = |key: &str| key.chars().take(60).collect::<String>();
    for kind in [RecordKind::StagedRow, RecordKind::UserLink] {
        for (number, key) in wanted.iter().enumerate() {
            let index = RecordIndex { subject: subject(key), ..record(kind, key, b"").index };
            let sealed = number.to_string().into_bytes();
            let record = StoredRecord { index, sealed, ..record(kind, key, b"") };
            assert_eq!(
                store.write(&[RecordWrite::Put { record, expected: 0 }]).unwrap(),
                WriteOutcome::Done,
                "{key:?}"
            );
        }
        for (number, key) in wanted.iter().enumerate() {
            let found = store.get(kind, key).unwrap().unwrap();
            assert_eq!((found.key.as_str(), found.sealed), (*key, number.to_string().into_bytes()));
            let query = RecordQuery { subject: Some(subject(key)), ..of_organization() };
            assert_eq!(keys(&*store, kind, &query, None, 9), [*key]);
        }
    }
    wanted.sort_unstable();
    for kind in [RecordKind::StagedRow, RecordKind::UserLink] {
        assert_eq!(keys(&*store, kind, &of_organization(), None, 99), wanted);
        for (number, key) in wanted.iter().enumerate() {
            assert_eq!(keys(&*store, kind, &of_organization(), Some(key), 99), wanted[number + 1..]);
        }
    }
}

fn leases(open: Open<'_>) {
    let (one, two) = (open(), open());
    let first = one.acquire_lease("l", "one", 600).unwrap().unwrap();
    assert_eq!((first.name.as_str(), first.holder.as_str()), ("l", "one"));
    assert_eq!(two.acquire_lease("l", "two", 600).unwrap(), None);
    assert!(two.acquire_lease("L", "two", 600).unwrap().is_some(), "another name is another lease");
    assert!(two.acquire_lease("l ", "two", 600).unwrap().is_some(), "another name is another lease");
    assert_eq!(two.acquire_lease("l", "ONE", 600).unwrap(), None, "another holder");
    let mut fence = first.fence;
    let mut grows = |lease: Option<Lease>| {
        let lease = lease.expect("a lease");
        assert!(lease.fence > fence, "{} after {fence}", lease.fence);
        fence = lease.fence;
        lease
    };
    // Its holder may take it anew; what it held before then no longer gives it back.
    let again = grows(one.acquire_lease("l", "one", 600).unwrap());
    one.release_lease(&first).unwrap();
    assert_eq!(two.acquire_lease("l", "two", 600).unwrap(), None);
    two.release_lease(&Lease { holder: "two".into(), ..again.clone() }).unwrap();
    assert_eq!(two.acquire_lease("l", "two", 600).unwrap(), None);
    one.release_lease(&again).unwrap();
    one.release_lease(&again).unwrap();
    // A lease of no seconds has ended at once, by the store's clock.
    let second = grows(two.acquire_lease("l", "two", 0).unwrap());
    grows(one.acquire_lease("l", "one", 600).unwrap());
    two.release_lease(&second).unwrap();
    assert_eq!(two.acquire_lease("l", "two", 600).unwrap(), None);
    one.release_lease(&Lease { name: "nobody's".into(), ..second }).unwrap();
    // Two that begin at the same time: one gets it.
    let start = Barrier::new(2);
    for round in 0..10 {
        let name = format!("race{round}");
        let take = |store: &dyn Store, holder: &str| {
            start.wait();
            store.acquire_lease(&name, holder, 600).unwrap().is_some()
        };
        let (a, b) = std::thread::scope(|scope| {
            let other = scope.spawn(|| take(&*two, "two"));
            (take(&*one, "one"), other.join().unwrap())
        });
        assert!(a != b, "round {round}: {a} and {b}");
    }
}

fn no_lost_update(open: Open<'_>) {
    const PROCESSES: usize = 6;
    const EACH: u64 = 10;
    let number =
        |record: &StoredRecord| String::from_utf8(record.sealed.clone()).unwrap().parse::<u64>().unwrap();
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let start = Barrier::new(PROCESSES);
        let work = || {
            let store = open();
            start.wait();
            for _ in 0..EACH {
                loop {
                    // The first one makes the record, which all of them race for.
                    let found = store.get(kind, "n").unwrap();
                    let (count, expected) = found.map_or((0, 0), |found| (number(&found), found.version));
                    let record = record(kind, "n", (count + 1).to_string().as_bytes());
                    if store.write(&[RecordWrite::Put { record, expected }]).unwrap() == WriteOutcome::Done {
                        break;
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(work)).collect();
            all.into_iter().for_each(|one| one.join().unwrap());
        });
        let found = open().get(kind, "n").unwrap().unwrap();
        let all = PROCESSES as u64 * EACH;
        assert_eq!((number(&found), found.version.unsigned_abs()), (all, all));
    }
}

fn opposite_orders(open: Open<'_>) {
    const ROUNDS: i64 = 15;
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let work = |first: &'static str, second: &'static str| {
            let store = open();
            let mut done = 0;
            while done < ROUNDS {
                let version =
                    |key| store.get(kind, key).unwrap().map_or(0, |found: StoredRecord| found.version);
                let batch = [first, second].map(|key| put(kind, key, version(key)));
                done += i64::from(store.write(&batch).unwrap() == WriteOutcome::Done);
            }
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(|| work("b", "a"));
            work("a", "b");
            other.join().unwrap();
        });
        let store = open();
        for key in ["a", "b"] {
            assert_eq!(store.get(kind, key).unwrap().unwrap().version, 2 * ROUNDS, "{key}");
        }
    }
}
