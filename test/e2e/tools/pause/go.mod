module mc-gate.dev/test/pause

go 1.24
