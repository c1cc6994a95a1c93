"""Values, no database: how names are compared, read and found."""
