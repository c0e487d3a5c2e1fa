// Compute kernels of the tensor core: plain buffers and sizes in, plain buffers out.
//
// Images are N, H, W, C in memory. A pixel's channels are contiguous; `ld` is the distance between
// pixels in floats, at least the number of channels, so that a slice of a wider tensor is a
// valid argument. Rows follow each other without a gap: a row is W * ld floats, an image H rows.
//
// Bits: every kernel gives the same bits for any number of threads and for any table. Outputs are
// single chains of fused multiply-adds, or by minimal filtering a few of them joined in a fixed
// order; sums over a batch are made in chunks fixed by the shape and added in order; the shape
// alone chooses the algorithm. Callers check shapes; kernels assume them.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// ---- Threads ---------------------------------------------------------------------------------

typedef struct ck_pool ck_pool;

// Starts `threads - 1` workers beside the caller. NULL if the system refuses.
ck_pool *ck_pool_create(int threads);
void ck_pool_destroy(ck_pool *pool);
int ck_pool_threads(const ck_pool *pool);

// Runs `task(context, chunk, thread)` for every chunk in 0..<chunks, on all threads, and returns
// when all are done. Which thread runs a chunk is not fixed; results must not depend on it.
typedef void (*ck_task)(void *context, int chunk, int thread);
void ck_parallel(ck_pool *pool, int chunks, ck_task task, void *context);

// Gives every thread scratch memory of at least `floats`, before a launch that uses it: which
// threads run depends on timing, what memory is held must not.
void ck_reserve_scratch(ck_pool *pool, size_t floats);
// A thread's reserved scratch memory, page-aligned; contents do not persist.
float *ck_scratch(ck_pool *pool, int thread);
// Scratch shared by the chunks of one kernel call; one call uses it at a time.
float *ck_shared_scratch(ck_pool *pool, size_t floats);
// Bytes of scratch held by the pool.
size_t ck_pool_scratch_bytes(const ck_pool *pool);

// ---- Shapes ----------------------------------------------------------------------------------

// A convolution or pooling window over a batch of images.
typedef struct {
  int n;           // images
  int h, w, c;     // input height, width, channels
  int oh, ow, f;   // output height, width, channels
  int kh, kw;      // window
  int stride, dilation, groups;
  int top, left;   // zero padding above and to the left; negative crops
  int ldx, ldy;    // pixel strides of input and output
  // Step between columns where it differs from `stride`, of convolutions that are not depthwise;
  // 0 where it does not.
  int column_stride;
} ck_conv;

static inline int ck_column_stride(const ck_conv *g) {
  return g->column_stride > 0 ? g->column_stride : g->stride;
}

// One term of a sum of feature maps: x * scale + shift, times `factors[image]` if there are any.
typedef struct {
  const float *x;
  int ldx;
  const float *scale, *shift;  // for each channel
  const float *factors;
  // Backward: dx (+)= dy * weight, times the image's factor; NULL if it is not wanted.
  float *dx;
  int lddx, accumulate;
  float weight;
  // Backward, for each channel and with dy times the image's factor: sum of dy and of
  // dy * (x - mean), or dy * x without a mean; NULL if they are not wanted. Who wants the sum wants
  // the product.
  const float *mean;
  float *sum, *product;
} ck_term;

// A sum of terms.
typedef struct {
  int channels, count;
  const ck_term *terms;
  float *gradient;  // as a part of a stage's input, backward: gets the sum's, pixels in a row
} ck_sum;

// The input that separable stages share: they read max(0, x), or max(0, x * scale + shift).
typedef struct {
  const float *x;
  int ldx;
  const float *scale, *shift;  // a normalisation not yet applied to x; NULL for none
  // Backward: dx (+)= the gradient of x (of x * scale + shift if there is a scale); NULL if it is
  // not wanted.
  float *dx;
  int lddx, accumulate;
  // Backward, with a scale: sum of dx and of dx * (x - mean) for each channel.
  const float *mean;
  float *sum, *product;
  // In place of all that: sums side by side, read by 1x1 convolutions of every pixel. Their
  // gradients are wanted together or, NULL, not at all.
  int parts;
  const ck_sum *part;
} ck_stage_input;

// One separable stage: a depthwise convolution (none if `depthwise` is NULL) and a 1x1 one.
typedef struct {
  ck_conv g;  // of the depthwise convolution, f the channels of z, ldy its pixel stride
  const float *depthwise, *pointwise;  // [kh][kw][c] and [c][f]
  float *z;                            // output of the 1x1 convolution
  float *mean, *variance;              // forward: of z, over all pixels; NULL if not wanted
  // Backward: the gradient of z is dy * a + z * b + offset, with dy times `factors[image]` if
  // that is not NULL.
  const float *dy;
  int lddy;
  const float *factors, *a, *b, *offset;
  float *ddepthwise, *dpointwise;  // added to; both NULL if they are not wanted
} ck_stage;

// Most stages of one launch.
enum { CK_MAX_STAGES = 64 };

// ---- Recurrent cells of highway edges; see `recurrentcell.inc` ---------------------------------

// An edge of a node. Matrices of states are [batch][hidden], of gates [batch][2][hidden].
typedef struct {
  const float *input;   // the state as the product reads it, masked
  const float *source;  // the state itself
  const float *packed;  // weights by pack_gates with 2 gates; NULL: `gates` hold the product
  float *gates;         // gets sigmoid(c), and v before its activation
  int chain;            // whether `gates` hold a first part of the product
  float mixture[4];     // weights of tanh, relu, sigmoid, identity
} ck_cell_edge;

typedef struct {
  int edges;
  const ck_cell_edge *edge;
  float *state;
  float *masked;        // state * mask; NULL if nobody reads it
  float *scale;         // [hidden] 1 / deviation, if the node is normalised over the batch
} ck_cell_node;

// Backward: a node that read the state in question.
typedef struct {
  const float *gates;   // gradients of the reading edge's gates
  const float *packed;  // its weights, packed transposed
} ck_cell_reader;

typedef struct {
  const float *source;
  float *gates;         // turned into their gradients
  float *dsource;       // what reaches the source beside the product; NULL if not wanted
  int overwrites;       // whether dsource is written for the first time
  float mixture[4];
  float *dmixture;      // [4][hidden] added to; NULL if not wanted
} ck_cell_back_edge;

typedef struct {
  int readers;
  const ck_cell_reader *reader;
  const float *product; // in place of the readers' products, if not NULL
  float *dstate;        // what reached it directly; gets the sum if the state has no edges
  int has_direct;
  const float *dmean;   // plus share * dmean, if not NULL
  float share;
  const float *state, *scale;  // of a normalised node, else scale is NULL
  int edges;
  const ck_cell_back_edge *edge;
} ck_cell_gradient;

// ---- Recurrent cells that are trees; see `treecell.inc` ----------------------------------------

// Most leaves of a tree.
enum { CK_TREE_LEAVES = 8 };

typedef struct {
  int multiplies;  // whether the inputs are multiplied rather than added
  int function;    // 0 tanh, 1 relu, 2 sigmoid, else identity
} ck_tree_node;

typedef struct {
  int leaves;                // a power of two
  const ck_tree_node *node;  // leaves first, then level by level up to the root
  int injected;              // the node that the cell before is combined with
  ck_tree_node inject;       // and how
  int cell;                  // the node whose value before its function is the next cell
} ck_tree;

// ---- Kernels ---------------------------------------------------------------------------------

// One implementation of every kernel. `accumulate` adds to the output in place of overwriting it.
typedef struct {
  const char *name;  // "avx512", "avx2", "generic"
  int lanes;         // floats in a vector

  // Filters are [kh][kw][c / groups][f]; dw is added to.
  void (*conv_forward)(ck_pool *, const ck_conv *, const float *x, const float *w, float *y);
  void (*conv_backward_data)(ck_pool *, const ck_conv *, const float *dy, const float *w, float *dx,
                             int accumulate);
  void (*conv_backward_weights)(ck_pool *, const ck_conv *, const float *x, const float *dy,
                                float *dw);
  // Operations in the products of a pass, or of the data gradient's if `transposed`: fewer than
  // the definition's where minimal filtering is chosen, more where vectors are padded.
  int64_t (*conv_flops)(const ck_conv *, int transposed);
  // One filter a channel: groups = c = f, filters [kh][kw][c].
  void (*depthwise_forward)(ck_pool *, const ck_conv *, const float *x, const float *w, float *y);
  void (*depthwise_backward_data)(ck_pool *, const ck_conv *, const float *dy, const float *w,
                                  float *dx, int accumulate);
  void (*depthwise_backward_weights)(ck_pool *, const ck_conv *, const float *x, const float *dy,
                                     float *dw);

  // Separable stages over one input, with outputs of the same height and width; see `stages.inc`.
  void (*stages_forward)(ck_pool *, const ck_stage_input *, int count, const ck_stage *);
  void (*stages_backward)(ck_pool *, const ck_stage_input *, int count, const ck_stage *);

  // y = the sum of the terms, in order, over n images of `pixels` pixels; and the gradients.
  void (*sum_terms)(ck_pool *, int n, int pixels, int channels, int count, const ck_term *,
                    float *y, int ldy);
  void (*terms_backward)(ck_pool *, int n, int pixels, int channels, int count, const ck_term *,
                         const float *dy, int lddy);

  // C[m, n] (+)= A[m, k] B[k, n], B stored [n, k] if transposed_b; row-major with row strides.
  void (*matmul)(ck_pool *, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
                 int transposed_b, float *c, int ldc, int accumulate);
  // C[k, n] += A[m, k]^T B[m, n].
  void (*matmul_transposed)(ck_pool *, int m, int n, int k, const float *a, int lda, const float *b,
                            int ldb, float *c, int ldc);
  // C[k, n] (+)= A[m, k]^T B[m, n], for outputs of enough rows to share among threads.
  void (*matmul_transposed_to)(ck_pool *, int m, int n, int k, const float *a, int lda,
                               const float *b, int ldb, float *c, int ldc, int accumulate);
  // B as vectors of columns, to be multiplied several times; takes CK_PACKED(n, k) floats. A
  // bias by column, if not NULL, is where the sums of an overwritten C start.
  void (*pack)(ck_pool *, int n, int k, const float *b, int ldb, int transposed_b, float *packed);
  void (*matmul_packed)(ck_pool *, int m, int n, int k, const float *a, int lda,
                        const float *packed, const float *bias, float *c, int ldc,
                        int accumulate);

  // Mean and biased variance of each channel over all pixels.
  void (*channel_moments)(ck_pool *, int pixels, int channels, const float *x, int ldx, float *mean,
                          float *variance);
  // y = x * scale + shift for each channel, then max(0, y) if relu.
  void (*scale_shift)(ck_pool *, int pixels, int channels, const float *x, int ldx,
                      const float *scale, const float *shift, int relu, float *y, int ldy);
  // With d = dy, or dy where x * scale + shift > 0 if relu: sum of d and of d * (x - mean).
  void (*norm_backward_sums)(ck_pool *, int pixels, int channels, const float *x, int ldx,
                             const float *scale, const float *shift, const float *mean, int relu,
                             const float *dy, int lddy, float *sum, float *product);
  // dx (+)= d * a + x * b + c for each channel, d as above.
  void (*norm_backward_apply)(ck_pool *, int pixels, int channels, const float *x, int ldx,
                              const float *scale, const float *shift, int relu, const float *dy,
                              int lddy, const float *a, const float *b, const float *c, float *dx,
                              int lddx, int accumulate);

  // Largest value in the window and, for backward, the window position it came from.
  void (*max_pool_forward)(ck_pool *, const ck_conv *, const float *x, float *y, uint8_t *winner);
  void (*max_pool_backward)(ck_pool *, const ck_conv *, const float *dy, const uint8_t *winner,
                            float *dx, int accumulate);
  // Mean of the window, over all of it if `count_padding`, else over the part inside the image.
  void (*average_pool_forward)(ck_pool *, const ck_conv *, const float *x, int count_padding,
                               float *y);
  void (*average_pool_backward)(ck_pool *, const ck_conv *, const float *dy, int count_padding,
                                float *dx, int accumulate);
  // Mean over an image's pixels: x [n][pixels][c] to y [n][c], and back.
  void (*global_pool_forward)(ck_pool *, int n, int pixels, int c, const float *x, int ldx,
                              float *y);
  void (*global_pool_backward)(ck_pool *, int n, int pixels, int c, const float *dy, float *dx,
                               int lddx, int accumulate);

  // y = alpha * x + beta * y over a strided block.
  void (*axpby)(ck_pool *, int pixels, int channels, float alpha, const float *x, int ldx,
                float beta, float *y, int ldy);
  // y = max(0, a + b) or a + b; b may be NULL for max(0, a).
  void (*add_relu)(ck_pool *, int pixels, int channels, const float *a, int lda, const float *b,
                   int ldb, int relu, float *y, int ldy);
  // dx (+)= dy where y > 0.
  void (*relu_backward)(ck_pool *, int pixels, int channels, const float *y, int ldy,
                        const float *dy, int lddy, float *dx, int lddx, int accumulate);
  // y (+)= x * mask[row] for each row (drop-path), mask one value a row.
  void (*scale_rows)(ck_pool *, int rows, int width, const float *x, const float *mask, float *y,
                     int accumulate);
  // y (+)= x where the key's draw for the element is below `keep`, divided by keep.
  void (*dropout)(ck_pool *, size_t count, const float *x, float keep, uint64_t key, float *y,
                  int accumulate);
  // y[row] += bias, and its gradient db += sum over rows of dy.
  void (*add_bias)(ck_pool *, int rows, int columns, const float *bias, float *y, int ldy);
  void (*bias_gradient)(ck_pool *, int rows, int columns, const float *dy, int lddy, float *db);

  // Cross-entropy of each row and gradient `scale * (softmax - target)`; dlogits may be NULL.
  // `correct` gets 1 where the largest logit is the label (the first among equals).
  void (*softmax_cross_entropy)(ck_pool *, int rows, int classes, const float *logits,
                                const int32_t *labels, float smoothing, float scale, float *loss,
                                uint8_t *correct, float *dlogits);

  // y = f(x) with the functions that kernels use inside: 0 exp, 1 tanh, 2 sigmoid.
  void (*apply_function)(ck_pool *, int function, size_t count, const float *x, float *y);

  // Weights [k][gates][hidden] as [unit block][gate][k][VW]; takes CK_PACKED_GATES floats.
  void (*pack_gates)(ck_pool *, int k, int gates, int hidden, const float *weights,
                     float *packed);
  // A step of an LSTM; see `lstm.inc`. Rows of gates are [4][hidden], of the rest [hidden].
  void (*lstm_forward)(ck_pool *, int batch, int hidden, const float *packed,
                       const float *previous, const float *previous_cell, float *gates,
                       float *cell, float *output);
  void (*lstm_backward)(ck_pool *, int batch, int hidden, const float *packed,
                        const float *next_gates, const float *previous_cell, const float *cell,
                        float *doutput, float *dcell, float *gates);

  // Nodes that do not read each other, all normalised or none.
  void (*cell_forward)(ck_pool *, int batch, int hidden, int nodes, const ck_cell_node *node,
                       const float *mask);
  // The mean of states, added in order; masked may be NULL.
  void (*cell_mean)(ck_pool *, int batch, int hidden, int nodes, const float *const *states,
                    float *mean, const float *mask, float *masked);
  void (*cell_backward)(ck_pool *, int batch, int hidden, int nodes,
                        const ck_cell_gradient *gradient, const float *mask);

  // A step; x and h are the products by the input and the hidden state, [batch][leaves][hidden].
  void (*tree_forward)(ck_pool *, int batch, int hidden, const ck_tree *, const float *x,
                       const float *h, const float *cell, float *new_cell, float *output);
  // Turns x and h into their gradients, and dcell from that of the new cell into the old one's.
  void (*tree_backward)(ck_pool *, int batch, int hidden, const ck_tree *, const float *cell,
                        const float *doutput, float *dcell, float *x, float *h);

  // y[row] = table[indices[row]], times factors[indices[row]] unless NULL; and its gradient,
  // table[indices[row]] += x[row], in the order of the rows.
  void (*gather_rows)(ck_pool *, int rows, int width, const float *table, const int32_t *indices,
                      const float *factors, float *y);
  void (*scatter_rows)(ck_pool *, int rows, int width, const float *x, const int32_t *indices,
                       const float *factors, float *table);
  // y[row] (+)= x[row] * mask[row % period].
  void (*mask_rows)(ck_pool *, int rows, int width, int period, const float *x, const float *mask,
                    float *y, int accumulate);
  // The sum of squares of x[row] - x[row - period] for each row, 0 in the first period; dx, if not
  // NULL, gets the gradient of `scale / 2` times their total added.
  void (*slowness)(ck_pool *, int rows, int width, int period, const float *x, float scale,
                   float *sums, float *dx);

  // One step of SGD over a flat buffer, `momentum` NULL for none; see `optimizer.inc`.
  void (*sgd)(ck_pool *, size_t count, float *weights, const float *gradients, float *momentum,
              float learning_rate, float momentum_factor, int nesterov, float weight_decay,
              float gradient_scale);
  // One step of Adam over a flat buffer; see `optimizer.inc`.
  void (*adam)(ck_pool *, size_t count, float *weights, const float *gradients, float *mean,
               float *square, float rate, float first_decay, float second_decay, float epsilon,
               float weight_decay, float inverse_root);
  // Sum of squares in double precision, in an order fixed by `count`.
  double (*sum_of_squares)(ck_pool *, size_t count, const float *x);
  // The same for the rows of a table that a sparse gradient touched, without momentum and decay.
  void (*sgd_rows)(ck_pool *, int rows, int width, const int32_t *indices, float *weights,
                   const float *gradients, float learning_rate, float gradient_scale);
  double (*sum_of_squares_rows)(ck_pool *, int rows, int width, const int32_t *indices,
                                const float *x);

  // Normalised training images from bytes: zero padding and crop by (dy, dx), flip, and a zero
  // square of side 2 * half around (cy, cx) (none if half is 0), after normalisation.
  void (*augment)(ck_pool *, int n, int h, int w, int c, const uint8_t *images,
                  const int32_t *indices, const int16_t *placement, const float *scale,
                  const float *shift, float *y);

  // Multiplies and adds in registers, `iterations` rounds a chunk, one sum of each chunk;
  // the number of floating-point operations.
  double (*peak_flops)(ck_pool *, int chunks, int iterations, float *sums);
} ck_table;

// Floats of a packed matrix, whatever the table.
#define CK_PACKED(n, k) (((size_t)(n) + 15) / 16 * 16 * (size_t)(k))
#define CK_PACKED_GATES(hidden, gates, k) ((size_t)(gates) * CK_PACKED(hidden, k))

// Per image: dy, dx, flip, cutout centre y, x, cutout half side.
enum { CK_PLACEMENT = 6 };

// The best table for this processor.
const ck_table *ck_best_table(void);
// The table of that name, or NULL if it is unknown or the processor cannot run it.
const ck_table *ck_table_named(const char *name);

// Sum of squares over chunks, and other sums over a batch, use at most this many chunks.
enum { CK_BATCH_CHUNKS = 16 };

// Rows for a matrix product by im2col: col[oh * ow][kh * kw * cg] of one image's group, and back.
void ck_im2col(const ck_conv *conv, int group, const float *image, float *columns);
void ck_col2im(const ck_conv *conv, int group, const float *columns, float *image);

// ---- References: plain loops in double precision, for tests ----------------------------------

void ck_reference_conv_forward(const ck_conv *, const float *x, const float *w, float *y);
void ck_reference_conv_backward_data(const ck_conv *, const float *dy, const float *w, float *dx);
void ck_reference_conv_backward_weights(const ck_conv *, const float *x, const float *dy,
                                        float *dw);
void ck_reference_moments(int pixels, int channels, const float *x, int ldx, float *mean,
                          float *variance);
void ck_reference_max_pool(const ck_conv *, const float *x, float *y);
void ck_reference_average_pool(const ck_conv *, const float *x, int count_padding, float *y);

// ---- Memory ----------------------------------------------------------------------------------

// Address space for an arena: zeroed pages on first touch, huge where possible. NULL on failure.
void *ck_memory_map(size_t bytes);


#endif
