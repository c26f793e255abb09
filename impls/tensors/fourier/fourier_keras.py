import tensorflow as tf
from keras import ops


def fft(real, imag):
    return ops.fft((real, imag))


def inverse_fft(real, imag):
    return tf.signal.ifft(tf.complex(real, imag))


def real_fft(signal):
    return ops.rfft(signal)


def inverse_real_fft(real, imag, length):
    return ops.irfft((real, imag), length)


def fft_2d(real, imag):
    return ops.fft2((real, imag))


def fft_shift(signal, axes):
    return tf.signal.fftshift(signal, axes)


def convolve(signal, kernel):
    # Keras' spectra are pairs of real tensors, which do not multiply as complex numbers do.
    return tf.signal.irfft(tf.signal.rfft(signal) * tf.signal.rfft(kernel), [signal.shape[-1]])
