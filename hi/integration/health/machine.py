"""What to make of databases, keys, disk and Redis."""

from hi.integration.health.facts import DatabaseFacts, Facts
from hi.integration.health.findings import Finding, bad, ok, say_bytes, say_since, warn

SLOW_MILLISECONDS = 500
BIG_WAL_BYTES = 256_000_000
LOW_DISK_BYTES = 1_000_000_000
LOW_DISK_SHARE = 0.05
FULL_DISK_BYTES = 100_000_000
FULL_MEMORY_SHARE = 0.9


def judge_databases(facts: Facts) -> list[Finding]:
    return [_judge_database(database) for database in facts.databases] + _judge_migrations(facts)


def _judge_database(database: DatabaseFacts) -> Finding:
    subject = database.subject
    if database.error:
        return bad(
            subject,
            f"It does not answer: {database.error}.",
            "Start hi once with `make run`, which makes what is missing; on PostgreSQL, see that the server runs"
            " and HI_DATABASE_URL is right.",
        )
    figures = f"{database.version}, {say_bytes(database.size_bytes)}"
    if not database.writable:
        return bad(
            subject,
            f"{figures}: it can be read, but not written.",
            "Give the account that runs hi the right to write to its data folder.",
        )
    if database.wal_bytes > BIG_WAL_BYTES:
        return warn(
            subject,
            f"{figures}; its write-ahead log has grown to {say_bytes(database.wal_bytes)}.",
            "Something reads for very long: close other programs that have the file open, or restart hi.",
        )
    if database.milliseconds > SLOW_MILLISECONDS:
        return warn(
            subject,
            f"{figures}: it took {database.milliseconds:.0f} ms to answer.",
            "See what keeps the machine or its disk busy.",
        )
    return ok(subject, f"{figures}, answers in {database.milliseconds:.1f} ms.")


def _judge_migrations(facts: Facts) -> list[Finding]:
    if any(database.error for database in facts.databases):
        return []  # told already
    missing = sum(database.missing_migrations for database in facts.databases)
    if missing:
        steps = "One step" if missing == 1 else f"{missing} steps"
        what = f"{steps} of bringing the tables up to date {'is' if missing == 1 else 'are'} missing."
        return [bad("Tables", what, "Stop hi and start it again: it does them first. (`manage.py initialise`)")]
    return [ok("Tables", "Up to date.")]


def judge_keys(facts: Facts) -> list[Finding]:
    found = facts.keys
    if found.error:
        do = "Put the key back from your backup, or start hi once with `make run` if this is a new installation."
        return [bad("Keys", found.error, do)]
    if not found.fits:
        return [
            bad(
                "Keys",
                "The secret key is not the one that the stored passwords were encrypted with.",
                "Put the right key back from your backup, or name another data folder with HI_DATA_DIR.",
            )
        ]
    if found.readable_by_others:
        files = " ".join(found.readable_by_others)
        return [warn("Keys", "Other accounts of this machine can read them.", f"Run: chmod 600 {files}")]
    return [ok("Keys", "There, and readable by the account that runs hi alone.")]


def judge_disk(facts: Facts) -> Finding:
    disk = facts.disk
    if disk.error:
        return bad(
            "Disk",
            f"The data folder {disk.folder} can't be used: {disk.error}.",
            "Give the account that runs hi the right to use it, or set HI_DATA_DIR to another folder.",
        )
    free = f"{say_bytes(disk.free_bytes)} of {say_bytes(disk.total_bytes)} free for {disk.folder}"
    do = "Make room, or move the data folder to a bigger disk (HI_DATA_DIR)."
    if disk.free_bytes < FULL_DISK_BYTES:
        return bad("Disk", f"It is full: {free}.", do)
    if disk.free_bytes < LOW_DISK_BYTES or disk.free_bytes < LOW_DISK_SHARE * disk.total_bytes:
        return warn("Disk", f"It is getting full: {free}.", do)
    return ok("Disk", f"{free}.")


def judge_backups(facts: Facts) -> Finding:
    found = facts.backups
    if not found.hours:
        return ok("Backups", "None are made by themselves (HI_BACKUP_HOURS=0).")
    if found.error:
        do = "Give the account that runs hi the right to use it, or set HI_BACKUP_DIR to another folder."
        return warn("Backups", f"The folder {found.folder} can't be used: {found.error}.", do)
    newest = f"The newest is {say_since(found.newest_at, facts.now)} old" if found.newest_at else "There is none yet"
    if found.failure:
        what = f"The last one failed {say_since(found.failure.at, facts.now)} ago. {found.failure.why} {newest}."
        return warn("Backups", what, "Mend that: the next attempt is within the hour. `make backup` makes one at once.")
    if found.newest_at and (facts.now - found.newest_at).total_seconds() > 2 * 3600 * max(found.hours, 1):
        what = f"{newest}, and one is due every {found.hours:g} h."
        return warn("Backups", what, "See the log of the control worker; `make backup` makes one at once.")
    return ok("Backups", f"{newest}; one is made every {found.hours:g} h in {found.folder}.")


def judge_redis(facts: Facts) -> Finding:
    redis = facts.redis
    if redis.error:
        return bad(
            "Redis",
            f"It does not answer: {redis.error}. Jobs wait, and nothing is lost.",
            "hi's own is started again by `make run` once it has ended: if it hangs, end it. With REDIS_URL, see that "
            "that server runs.",
        )
    figures = f"Version {redis.version}, {say_bytes(redis.memory_bytes)} of memory"
    if redis.write_failed:
        return bad("Redis", f"{figures}: it can't write to its disk.", "Make room on the disk that Redis writes to.")
    if redis.memory_limit_bytes and redis.memory_bytes > FULL_MEMORY_SHARE * redis.memory_limit_bytes:
        what = f"{figures}, of at most {say_bytes(redis.memory_limit_bytes)}."
        return warn("Redis", what, "Raise its maxmemory, or see why messages pile up: are all workers running?")
    kept = "kept on disk" if redis.keeps_on_disk else "nothing kept on disk, which hi does not need"
    return ok("Redis", f"{figures}, {kept}; answers in {redis.milliseconds:.1f} ms.")
