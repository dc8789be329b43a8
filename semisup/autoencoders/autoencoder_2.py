"""Four convolutions with 30 filters in all, straight to ReLU codes."""

from semisup.autoencoders._convolutional import Architecture, Convolution

ARCHITECTURE = Architecture(
    convolutions=(
        Convolution(filters=2, kernel=2, stride=2),
        Convolution(filters=4, kernel=3, stride=2),
        Convolution(filters=8, kernel=2, stride=2),
        Convolution(filters=16, kernel=2, stride=2),
    ),
    bottleneck_activation="relu",
)
