"""Networks as classifiers: layouts, training, augmentation and transfer, behind `classifiers`."""
