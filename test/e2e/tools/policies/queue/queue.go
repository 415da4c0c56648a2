// In place of expr/queue.go of github.com/google/nftables: the same statement, for kernels that have xt_NFQUEUE and not
// nft_queue. The kernel hands the same packets to the same queue.
package expr

import (
	"encoding/binary"
	"errors"

	"github.com/google/nftables/xt"
)

type QueueFlag uint16

const QueueFlagBypass QueueFlag = 1

type Queue struct {
	Num   uint16
	Total uint16
	Flag  QueueFlag
}

// Source: linux, include/uapi/linux/netfilter/xt_NFQUEUE.h, xt_NFQ_info_v3; its size is a multiple of 8.
func (e *Queue) target() *Target {
	info := make(xt.Unknown, 8)
	binary.NativeEndian.PutUint16(info[0:], e.Num)
	binary.NativeEndian.PutUint16(info[2:], max(e.Total, 1))
	binary.NativeEndian.PutUint16(info[4:], uint16(e.Flag))
	return &Target{Name: "NFQUEUE", Rev: 3, Info: &info}
}

func (e *Queue) marshal(fam byte) ([]byte, error)     { return e.target().marshal(fam) }
func (e *Queue) marshalData(fam byte) ([]byte, error) { return e.target().marshalData(fam) }
func (e *Queue) unmarshal(byte, []byte) error         { return errors.New("queue: never read back") }
