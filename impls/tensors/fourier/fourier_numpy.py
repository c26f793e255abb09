import numpy as np


def fft(real, imag):
    return np.fft.fft(real + 1j * imag)


def inverse_fft(real, imag):
    return np.fft.ifft(real + 1j * imag)


def real_fft(signal):
    return np.fft.rfft(signal)


def inverse_real_fft(real, imag, length):
    return np.fft.irfft(real + 1j * imag, length)


def fft_2d(real, imag):
    return np.fft.fft2(real + 1j * imag)


def fft_shift(signal, axes):
    return np.fft.fftshift(signal, axes)


def convolve(signal, kernel):
    return np.fft.irfft(np.fft.rfft(signal) * np.fft.rfft(kernel), signal.shape[-1])
