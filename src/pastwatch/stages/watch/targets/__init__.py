"""Where alerts are delivered to: a file, a webhook, a mail server, a stream; a room each."""
