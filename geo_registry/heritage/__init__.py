"""Heritage (地名文化遗产): names on protection lists, what is told of them, and the guard of their renaming (地名管理条例 art. 25)."""
