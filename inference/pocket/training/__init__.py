"""Training from nothing: autoencoder, tokenizer, transformer, and the export to diffusers' folder format."""
