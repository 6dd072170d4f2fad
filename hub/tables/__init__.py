"""Tables that leave the hub: typed columns and rows, written as CSV or as XLSX with live totals."""

from hub.tables.table import Cell, Column, ColumnKind, Ratio, Row, Sum, Table
from hub.tables.writing import TableFormat, table_bytes, table_download, write_table

__all__ = [
    "Cell",
    "Column",
    "ColumnKind",
    "Ratio",
    "Row",
    "Sum",
    "Table",
    "TableFormat",
    "table_bytes",
    "table_download",
    "write_table",
]
