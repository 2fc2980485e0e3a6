#!/bin/sh
aws s3 cp "s3://${bucket}/settings" /etc/settings
server --with "${value}"
