"""The database: one SQLite file in which everything of DynamoDB lies.

Items are their wire JSON; keys are bytes that sort as DynamoDB sorts, so that every page of a query
or scan is one range of one b-tree. Triggers keep the counts that ``DescribeTable`` shows.
https://www.sqlite.org/withoutrowid.html
"""

VERSION = 1

SCHEMA = """
CREATE TABLE tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    table_id TEXT NOT NULL,
    created_at REAL NOT NULL,
    definition TEXT NOT NULL,
    ttl_attribute TEXT,
    stream_label TEXT,
    item_count INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE indexes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    table_row INTEGER NOT NULL REFERENCES tables,
    name TEXT NOT NULL,
    item_count INTEGER NOT NULL DEFAULT 0,
    UNIQUE (table_row, name)
);
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    table_row INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    partition_key BLOB NOT NULL,
    sort_key BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    expires_at INTEGER,
    item TEXT NOT NULL
);
CREATE UNIQUE INDEX items_by_key ON items (table_row, slot, partition_key, sort_key);
CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE index_entries (
    index_row INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    partition_key BLOB NOT NULL,
    sort_key BLOB NOT NULL,
    item_partition_key BLOB NOT NULL,
    item_sort_key BLOB NOT NULL,
    item_row INTEGER NOT NULL,
    PRIMARY KEY (
        index_row, slot, partition_key, sort_key, item_partition_key, item_sort_key
    )
) WITHOUT ROWID;
CREATE TABLE stream_records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    stream_arn TEXT NOT NULL,
    created_at REAL NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX stream_records_by_stream ON stream_records (stream_arn, sequence);
CREATE INDEX stream_records_by_age ON stream_records (created_at);
CREATE TABLE request_tokens (
    token TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    created_at REAL NOT NULL,
    response TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX request_tokens_by_age ON request_tokens (created_at);

CREATE TRIGGER item_added AFTER INSERT ON items BEGIN
    UPDATE tables SET item_count = item_count + 1, size_bytes = size_bytes + NEW.size_bytes
    WHERE id = NEW.table_row;
END;
CREATE TRIGGER item_replaced AFTER UPDATE OF size_bytes ON items
WHEN OLD.size_bytes <> NEW.size_bytes BEGIN
    UPDATE tables SET size_bytes = size_bytes + NEW.size_bytes - OLD.size_bytes
    WHERE id = NEW.table_row;
END;
CREATE TRIGGER item_removed AFTER DELETE ON items BEGIN
    UPDATE tables SET item_count = item_count - 1, size_bytes = size_bytes - OLD.size_bytes
    WHERE id = OLD.table_row;
END;
CREATE TRIGGER index_entry_added AFTER INSERT ON index_entries BEGIN
    UPDATE indexes SET item_count = item_count + 1 WHERE id = NEW.index_row;
END;
CREATE TRIGGER index_entry_removed AFTER DELETE ON index_entries BEGIN
    UPDATE indexes SET item_count = item_count - 1 WHERE id = OLD.index_row;
END;
"""
