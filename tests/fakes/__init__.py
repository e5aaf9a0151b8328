"""Stand-ins for services the studio talks to, each a server of its own."""
