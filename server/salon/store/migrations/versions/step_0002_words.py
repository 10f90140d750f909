"""Full text search in messages and titles: SQLite's FTS5 and its triggers, or PostgreSQL's generated tsvector and GIN.

Both stem English words and drop none, so that both find the same. Each row is indexed together with its owner, as one
word more: a user's search then reads the user's own rows, however many others hold the words.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEARCHED = {"salon_messages": ("text", "owner"), "salon_threads": ("title", "user_id")}

_SQLITE = """
CREATE VIRTUAL TABLE {table}_words USING fts5(
    {text}, {owner}, content = '{table}', content_rowid = 'number', tokenize = 'porter unicode61'
);
CREATE TRIGGER {table}_words_added AFTER INSERT ON {table} BEGIN
    INSERT INTO {table}_words (rowid, {text}, {owner}) VALUES (new.number, new.{text}, new.{owner});
END;
CREATE TRIGGER {table}_words_removed AFTER DELETE ON {table} BEGIN
    INSERT INTO {table}_words ({table}_words, rowid, {text}, {owner})
    VALUES ('delete', old.number, old.{text}, old.{owner});
END;
CREATE TRIGGER {table}_words_changed AFTER UPDATE OF {text}, {owner} ON {table} BEGIN
    INSERT INTO {table}_words ({table}_words, rowid, {text}, {owner})
    VALUES ('delete', old.number, old.{text}, old.{owner});
    INSERT INTO {table}_words (rowid, {text}, {owner}) VALUES (new.number, new.{text}, new.{owner});
END;
INSERT INTO {table}_words ({table}_words) VALUES ('rebuild');
"""

_CONFIGURATION = """
CREATE TEXT SEARCH DICTIONARY salon_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION salon_words (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION salon_words
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH salon_stem;
"""

# A tsvector holds a megabyte: without a bound, one long message would fail its whole commit.
_POSTGRESQL = """
ALTER TABLE {table} ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('salon_words', left(coalesce({text}, ''), 100000))
    || array_to_tsvector(ARRAY['@' || coalesce({owner}, '')])
) STORED;
CREATE INDEX ix_{table}_words ON {table} USING gin (words);
"""


def upgrade() -> None:
    """Make the indexes, of what is there too."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    script = "" if sqlite else _CONFIGURATION
    for table, (text, owner) in SEARCHED.items():
        script += (_SQLITE if sqlite else _POSTGRESQL).format(table=table, text=text, owner=owner)
    _execute(script)


def _execute(script: str) -> None:
    """Drivers take one statement at a time; a trigger's ends with END."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";") and ("TRIGGER" not in statement or line.startswith("END")):
            op.execute(statement.strip().rstrip(";"))
            statement = ""
