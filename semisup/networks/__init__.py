"""Everything of Keras: models, the one training, streaming, augmentation, transfer."""
