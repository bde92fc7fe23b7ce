"""All tables there are: importing this registers each module that declares some."""

from __future__ import annotations

from sqlalchemy import MetaData

from storage import conversation_tables, member_tables, schedule_tables, tables

MODULES = (tables, member_tables, conversation_tables, schedule_tables)
METADATA: MetaData = tables.Row.metadata
