"""Four convolutions with 240 filters in all, a dense layer of 256, softmax codes (the default)."""

from semisup.autoencoders._convolutional import Architecture, Convolution

ARCHITECTURE = Architecture(
    convolutions=(
        Convolution(filters=16, kernel=2, stride=2),
        Convolution(filters=32, kernel=2, stride=2),
        Convolution(filters=64, kernel=3, stride=3),
        Convolution(filters=128, kernel=3, stride=3),
    ),
    dense=(256,),
    bottleneck_activation="softmax",
)
