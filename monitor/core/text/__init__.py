"""Arabic text: normalisation with offsets, tokens, clitics."""
