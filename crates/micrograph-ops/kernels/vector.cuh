// Elements that are moved at once.
#pragma once
#include "device.cuh"

template <int N> struct alignas(sizeof(T) * N) Vector {
    T at[N];
};

template <int N> __device__ inline Vector<N> read_vector(const T *from) {
    return *reinterpret_cast<const Vector<N> *>(from);
}

template <int N> __device__ inline void write_vector(T *to, const Vector<N> &vector) {
    *reinterpret_cast<Vector<N> *>(to) = vector;
}
