# SPDX-License-Identifier: Apache-2.0
"""Where the service of administrators is cut, as data: (database, how, what, which ones). SAMPLE: which ones run with
the ordinary tests; all of them with tools/faults.

how:  call     ferryd is killed as it enters its n-th system call of this kind, counted in each thread
      point    ferryd is killed at this failpoint, the n-th time
      backend  on PostgreSQL: a backend is killed as it enters its n-th call, and with it every other; ferryd lives on
      crash    on PostgreSQL: the server is stopped at once after n milliseconds of work
      signer   the command that rotates the token keys is killed there while administrators work
"""
SQLITE, POSTGRES = "sqlite", "postgresql"

POINTS = [
    (SQLITE, "call", "fdatasync", range(1, 41), (1, 4)),
    (SQLITE, "call", "pwrite64", range(1, 141, 2), (3, 16)),
    (SQLITE, "call", "pread64", range(1, 16, 3), ()),
    (SQLITE, "call", "write", (1,), ()),
    (SQLITE, "call", "futex", range(1, 16, 3), ()),
    (SQLITE, "point", "store.before_commit", range(1, 31), (2,)),
    (SQLITE, "point", "store.after_commit", range(1, 31), (2,)),
    (SQLITE, "point", "store.deregistered", range(1, 11), (2,)),
    (SQLITE, "point", "store.deletion_requested", range(1, 3), ()),
    (SQLITE, "point", "store.deletion_decided", range(1, 4), (1,)),
    (SQLITE, "point", "store.transfer_requested", range(1, 4), ()),
    (SQLITE, "point", "store.transfer_decided", range(1, 4), (1,)),
    (SQLITE, "point", "ferryd.import_part_read", range(1, 5), ()),
    (SQLITE, "point", "ferryd.import_part_stored", range(1, 5), (1,)),
    (POSTGRES, "call", "sendto", range(1, 101, 2), (20,)),
    (POSTGRES, "call", "recvfrom", range(1, 41, 3), ()),
    (POSTGRES, "call", "write", (1,), ()),
    (POSTGRES, "point", "store.before_commit", range(1, 31), (2,)),
    (POSTGRES, "point", "store.after_commit", range(1, 31), ()),
    (POSTGRES, "point", "store.deregistered", range(1, 11), (2,)),
    (POSTGRES, "point", "store.deletion_requested", range(1, 3), ()),
    (POSTGRES, "point", "store.deletion_decided", range(1, 4), ()),
    (POSTGRES, "point", "store.transfer_requested", range(1, 4), ()),
    (POSTGRES, "point", "store.transfer_decided", range(1, 4), ()),
    (POSTGRES, "point", "ferryd.import_part_read", range(1, 5), ()),
    (POSTGRES, "point", "ferryd.import_part_stored", range(1, 5), ()),
    (POSTGRES, "backend", "fdatasync", range(1, 5), (1,)),
    (POSTGRES, "backend", "pwrite64", range(1, 6), ()),
    (POSTGRES, "backend", "sendto", range(1, 31, 2), (3,)),
    (POSTGRES, "backend", "recvfrom", range(1, 31, 2), ()),
    (POSTGRES, "crash", "ms", range(3, 180, 9), (20,)),
    *((kind, "signer", *point) for kind in (SQLITE, POSTGRES) for point in (
        ("signer.token_key_written", (1,), ()),
        ("signer.tokens_before", (1,), ()),
        ("signer.tokens_saved", (1,), (1,) if kind == SQLITE else ()),
        ("signer.tokens_cleaned", (1,), ()),
        ("fsync", range(1, 5), ()),
        ("rename", range(1, 3), ()))),
]


def rows(database, sample=False):
    for kind, how, what, every, some in POINTS:
        if kind == database:
            for n in some if sample else every:
                yield how, what, n
