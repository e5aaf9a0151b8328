"""Addresses of the Sequence workbench: the page, its fragments, and the verbs that post from it."""

from django.urls import path

from sequences.views import bench, finals, sent

_HERE = "p/<slug:slug>/<slug:code>/"

urlpatterns = [
    path(f"{_HERE}takes/", bench.take_request, name="take_request"),
    path(f"{_HERE}plan/", bench.take_plan, name="take_plan"),
    path(f"{_HERE}plan/json/", sent.take_bodies, name="take_bodies"),
    path(f"{_HERE}T<int:number>/sent/", sent.take_sent, name="take_sent"),
    path(f"{_HERE}T<int:number>/final/", finals.take_final, name="take_final"),
    path(f"{_HERE}live/", bench.bench_live, name="bench_live"),
    path(f"{_HERE}explore/", bench.explore, name="explore"),
    path(f"{_HERE}retry/", bench.retry, name="retry"),
    path(f"{_HERE}cancel/", bench.cancel, name="cancel"),
    path(f"{_HERE}start-frame/upload/", bench.start_frame_upload, name="start_frame_upload"),
    path(f"{_HERE}start-frame/take/", bench.start_frame_take, name="start_frame_take"),
    path(f"{_HERE}start-frame/use/", bench.start_frame_use, name="start_frame_use"),
    path(f"{_HERE}start-frame/enlarge/", bench.start_frame_enlarge, name="start_frame_enlarge"),
    path(f"{_HERE}start-frame/clear/", bench.start_frame_clear, name="start_frame_clear"),
    path(f"{_HERE}elements/add/", bench.cast_add, name="cast_add"),
    path(f"{_HERE}elements/remove/", bench.cast_remove, name="cast_remove"),
    path(f"{_HERE}elements/move/", bench.cast_move, name="cast_move"),
    path(f"{_HERE}shots/", bench.shot_add, name="shot_add"),
    path(f"{_HERE}shots/order/", bench.shot_order, name="shot_order"),
    path(f"{_HERE}shots/fit/", bench.shot_fit, name="shot_fit"),
    path(f"{_HERE}shots/restore/", bench.shot_restore, name="shot_restore"),
    path(f"{_HERE}shots/<int:shot>/prompt/", bench.shot_prompt, name="shot_prompt"),
    path(f"{_HERE}shots/<int:shot>/prompt/<int:revision>/restore/", bench.prompt_restore, name="prompt_restore"),
    path(f"{_HERE}shots/<int:shot>/prompt/measure/", bench.prompt_measure, name="prompt_measure"),
    path(f"{_HERE}shots/<int:shot>/prompt/history/", bench.prompt_revisions, name="prompt_history"),
    path(f"{_HERE}shots/<int:shot>/prompt/copy/", bench.prompt_copy, name="prompt_copy"),
    path(f"{_HERE}shots/copy/undo/", bench.prompt_copy_undo, name="prompt_copy_undo"),
    path(f"{_HERE}style/", bench.sequence_style, name="sequence_style"),
    path(f"{_HERE}style/history/", bench.sequence_style_revisions, name="sequence_style_history"),
    path(f"{_HERE}style/<int:revision>/restore/", bench.sequence_style_restore, name="sequence_style_restore"),
    path(f"{_HERE}shots/<int:shot>/seconds/", bench.shot_seconds, name="shot_seconds"),
    path(f"{_HERE}shots/<int:shot>/solo/", bench.shot_solo, name="shot_solo"),
    path(f"{_HERE}shots/<int:shot>/move/", bench.shot_move, name="shot_move"),
    path(f"{_HERE}shots/<int:shot>/delete/", bench.shot_delete, name="shot_delete"),
    path(f"{_HERE}edit/", bench.sequence_edit, name="sequence_edit"),
    path(f"{_HERE}split/", bench.sequence_split, name="sequence_split"),
    path(f"{_HERE}merge/", bench.sequence_merge, name="sequence_merge"),
    path(f"{_HERE}delete/", bench.sequence_delete, name="sequence_delete"),
    path(f"{_HERE}restore/", bench.sequence_restore, name="sequence_restore"),
    path(_HERE, bench.sequence, name="sequence"),
]
