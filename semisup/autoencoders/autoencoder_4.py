"""Four convolutions with 120 filters in all, a dense layer of 256, softmax codes."""

from semisup.autoencoders._convolutional import Architecture, Convolution

ARCHITECTURE = Architecture(
    convolutions=(
        Convolution(filters=8, kernel=4, stride=2),
        Convolution(filters=16, kernel=3, stride=2),
        Convolution(filters=32, kernel=2, stride=2),
        Convolution(filters=64, kernel=2, stride=2),
    ),
    dense=(256,),
    bottleneck_activation="softmax",
)
