has_cache = false
