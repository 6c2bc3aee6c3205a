"""Where the watcher remembers: files through TinyDB, or memory."""
