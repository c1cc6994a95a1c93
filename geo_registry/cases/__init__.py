"""ROOM cases: how names are decided on, from the application to the announcement (地名管理条例 arts. 10 to 14)."""
