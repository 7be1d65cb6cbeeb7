"""First light: the tables of the first release; their comments are beside storage.tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _measurements() -> None:
    op.create_table(
        "measurements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("probe", sa.Text(), nullable=False),
        sa.Column("probe_version", sa.Integer(), nullable=False),
        sa.Column("target_input", sa.Text(), nullable=False),
        sa.Column("target_url", sa.Text(), nullable=False),
        sa.Column("target_scheme", sa.Text(), nullable=False),
        sa.Column("target_host", sa.Text(), nullable=False),
        sa.Column("target_port", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("asn", sa.BigInteger(), nullable=False),
        sa.Column("network_name", sa.Text(), nullable=True),
        sa.Column("vantage_source", sa.Text(), nullable=False),
        sa.Column("started", sa.String(20), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurements")),
        sa.CheckConstraint(
            "outcome IN ('measured', 'skipped', 'broken')", name=op.f("ck_measurements_outcome")
        ),
    )
    op.create_index(op.f("ix_measurements_asn_started"), "measurements", ["asn", "started"])
    op.create_index(op.f("ix_measurements_started_id"), "measurements", ["started", "id"])
    op.create_index(op.f("ix_measurements_target_host"), "measurements", ["target_host"])
    op.create_index(op.f("ix_measurements_target_url"), "measurements", ["target_url"])


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("measurement_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=True),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("resolver", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("source_port", sa.Integer(), nullable=True),
        sa.Column("sni", sa.Text(), nullable=True),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("bytes_sent", sa.BigInteger(), nullable=False),
        sa.Column("bytes_received", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measurement_id", "number", name=op.f("pk_steps")),
        sa.ForeignKeyConstraint(
            ["measurement_id"],
            ["measurements.id"],
            name=op.f("fk_steps_measurement_id_measurements"),
        ),
    )


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("measurement_id", sa.Text(), nullable=False),
        sa.Column("ruleset_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("techniques", sa.Text(), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("confidence_word", sa.String(16), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("anomalies", sa.Text(), nullable=False),
        sa.Column("confounders", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measurement_id", "ruleset_version", name=op.f("pk_verdicts")),
        sa.CheckConstraint(
            "state IN ('ok', 'blocked', 'restricted', 'removed', 'throttled', 'down',"
            " 'inconclusive')",
            name=op.f("ck_verdicts_state"),
        ),
        sa.CheckConstraint(
            "confidence_word IN ('signal', 'likely', 'confirmed', 'corroborated')",
            name=op.f("ck_verdicts_confidence_word"),
        ),
        sa.ForeignKeyConstraint(
            ["measurement_id"],
            ["measurements.id"],
            name=op.f("fk_verdicts_measurement_id_measurements"),
        ),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_hash", sa.Text(), nullable=False),
        sa.Column("started", sa.String(20), nullable=False),
        sa.Column("finished", sa.String(20), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_run_hash"), "runs", ["run_hash"])


def _run_items() -> None:
    op.create_table(
        "run_items",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("measurement_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "measurement_id", name=op.f("pk_run_items")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_items_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["measurement_id"],
            ["measurements.id"],
            name=op.f("fk_run_items_measurement_id_measurements"),
        ),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("recorded", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )


def upgrade() -> None:
    """Create the tables; the views are made by storage.schema."""
    _measurements()
    _steps()
    _verdicts()
    _runs()
    _run_items()
    _consents()
    _settings()
