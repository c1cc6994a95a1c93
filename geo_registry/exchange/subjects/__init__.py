"""What can be imported: for each kind of data, how a row is checked, how it waits, and how it is written."""
