guarded = true
