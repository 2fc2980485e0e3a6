bucket = "acme-states"
key    = "sessions.tfstate"
region = "eu-central-1"
has_user = true
