"""Built-up areas (建成区): within one of them names of streets, and of estates, are not to be alike (地名管理条例 art. 9)."""
