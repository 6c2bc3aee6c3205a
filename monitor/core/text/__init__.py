"""Arabic text: folding with offsets, words, clitics, derived words, languages."""
