has_user = false
