import torch


def fft(real, imag):
    return torch.fft.fft(torch.complex(real, imag))


def inverse_fft(real, imag):
    return torch.fft.ifft(torch.complex(real, imag))


def real_fft(signal):
    return torch.fft.rfft(signal)


def inverse_real_fft(real, imag, length):
    return torch.fft.irfft(torch.complex(real, imag), length)


def fft_2d(real, imag):
    return torch.fft.fft2(torch.complex(real, imag))


def fft_shift(signal, axes):
    return torch.fft.fftshift(signal, axes)


def convolve(signal, kernel):
    return torch.fft.irfft(torch.fft.rfft(signal) * torch.fft.rfft(kernel), signal.shape[-1])
