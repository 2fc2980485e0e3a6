guarded = false
